/** Verifies AWS signatures, version 4, of requests to S3: in the header, or in the query of a presigned URL. */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { AwsError } from '../aws/aws-error.ts';
import type { Credentials, IssuedCredentials } from '../aws/credentials.ts';

/** A request as it was signed: the raw path and query, the header as received. */
export interface SignedRequest {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly headers: IncomingHttpHeaders;
}

interface Claim {
  readonly accessKeyId: string;
  /** `20261121/us-east-1/s3/aws4_request` */
  readonly scope: string;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
  readonly date: string;
  readonly payloadHash: string;
  readonly sessionToken: string | undefined;
  /** Seconds; of presigned URLs only. */
  readonly expires: number | undefined;
  readonly query: string;
}

const WEEK_SECONDS = 604_800;
const MAX_SKEW_MS = 15 * 60_000;

/**
 * Who made this request.
 * @returns the caller; the one outside for a request whose header is signed with a key that is not ours, so that
 *   people can look inside with whatever credentials they have (a presigned URL needs a key of ours)
 * @throws AwsError 403 for a request that is not signed, signed wrongly, or presigned and expired.
 */
export function authenticate(request: SignedRequest, credentials: IssuedCredentials): Credentials {
  const presigned = new URLSearchParams(request.query).has('X-Amz-Signature');
  if (!presigned && !request.headers.authorization) throw denied('Access Denied');
  const claim = presigned ? fromQuery(request) : fromHeader(request);
  const caller = credentials.find(claim.accessKeyId);
  if (!caller) {
    if (!presigned) return credentials.outside;
    throw forbidden(
      'InvalidAccessKeyId',
      'The AWS Access Key Id you provided does not exist in our records.',
    );
  }
  if ((caller.sessionToken ?? undefined) !== claim.sessionToken) {
    throw new AwsError('InvalidToken', 'The provided token is malformed or otherwise invalid.');
  }
  checkTime(claim);
  if (!areEqual(signatureOf(request, claim, caller), claim.signature)) {
    throw forbidden(
      'SignatureDoesNotMatch',
      'The request signature we calculated does not match the signature you provided. Check your key and signing method.',
    );
  }
  return caller;
}

function fromHeader({ headers, query }: SignedRequest): Claim {
  const parts = new Map(
    `${headers.authorization}`
      .replace(/^AWS4-HMAC-SHA256\s+/, '')
      .split(/,\s*/)
      .map((part) => [part.slice(0, part.indexOf('=')), part.slice(part.indexOf('=') + 1)] as const),
  );
  const [accessKeyId = '', ...scope] = (parts.get('Credential') ?? '').split('/');
  const payloadHash = headers['x-amz-content-sha256'];
  if (scope.length !== 4)
    throw new AwsError('AuthorizationHeaderMalformed', 'The authorization header is malformed.');
  if (!payloadHash) throw new AwsError('InvalidRequest', 'Missing required header: x-amz-content-sha256');
  return {
    accessKeyId,
    scope: scope.join('/'),
    signedHeaders: (parts.get('SignedHeaders') ?? '').split(';'),
    signature: parts.get('Signature') ?? '',
    date: `${headers['x-amz-date'] ?? ''}`,
    payloadHash: `${payloadHash}`,
    sessionToken: headers['x-amz-security-token'] as string | undefined,
    expires: undefined,
    query,
  };
}

function fromQuery({ headers, query }: SignedRequest): Claim {
  const given = new URLSearchParams(query);
  const need = (name: string): string => {
    const value = given.get(`X-Amz-${name}`);
    if (value) return value;
    throw new AwsError('AuthorizationQueryParametersError', `The query must hold X-Amz-${name}.`);
  };
  const [accessKeyId = '', ...scope] = need('Credential').split('/');
  return {
    accessKeyId,
    scope: scope.join('/'),
    signedHeaders: need('SignedHeaders').split(';'),
    signature: need('Signature'),
    date: need('Date'),
    payloadHash: `${given.get('X-Amz-Content-Sha256') ?? headers['x-amz-content-sha256'] ?? 'UNSIGNED-PAYLOAD'}`,
    sessionToken: given.get('X-Amz-Security-Token') ?? undefined,
    expires: Number(need('Expires')),
    query: query
      .split('&')
      .filter((part) => !part.startsWith('X-Amz-Signature='))
      .join('&'),
  };
}

function checkTime({ date, expires }: Claim): void {
  const signedAt = Date.parse(
    date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'),
  );
  if (Number.isNaN(signedAt)) throw denied('AWS authentication requires a valid Date or x-amz-date header');
  const age = Date.now() - signedAt;
  if (expires === undefined) {
    if (Math.abs(age) <= MAX_SKEW_MS) return;
    throw forbidden(
      'RequestTimeTooSkewed',
      'The difference between the request time and the current time is too large.',
    );
  }
  if (!(expires >= 1 && expires <= WEEK_SECONDS)) {
    throw new AwsError(
      'AuthorizationQueryParametersError',
      'X-Amz-Expires must be between 1 and 604800 seconds',
    );
  }
  if (age > expires * 1000) throw denied('Request has expired');
  if (age < -MAX_SKEW_MS) throw denied('Request is not yet valid');
}

function signatureOf(request: SignedRequest, claim: Claim, caller: Credentials): string {
  const headers = claim.signedHeaders.map((name) => {
    const value = request.headers[name];
    return `${name}:${`${Array.isArray(value) ? value.join(',') : (value ?? '')}`.trim().replace(/ +/g, ' ')}\n`;
  });
  const canonical = [
    request.method,
    request.path,
    canonicalQuery(claim.query),
    headers.join(''),
    claim.signedHeaders.join(';'),
    claim.payloadHash,
  ].join('\n');
  const digest = createHash('sha256').update(canonical).digest('hex');
  const [day = '', region = '', service = '', end = ''] = claim.scope.split('/');
  const key = [day, region, service, end].reduce<Buffer | string>(
    (previous, part) => createHmac('sha256', previous).update(part).digest(),
    `AWS4${caller.secretAccessKey}`,
  );
  const text = ['AWS4-HMAC-SHA256', claim.date, claim.scope, digest].join('\n');
  return createHmac('sha256', key).update(text).digest('hex');
}

/** The query sorted by name, each part with its equals sign; names and values are encoded already. */
function canonicalQuery(query: string): string {
  return query
    .split('&')
    .filter((part) => part !== '')
    .map((part) => (part.includes('=') ? part : `${part}=`))
    .sort()
    .join('&');
}

function areEqual(left: string, right: string): boolean {
  return left.length === right.length && timingSafeEqual(Buffer.from(left), Buffer.from(right));
}

function forbidden(code: string, message: string): AwsError {
  return new AwsError(code, message, { status: 403 });
}

function denied(message: string): AwsError {
  return forbidden('AccessDenied', message);
}
