// What stands before s3rver: signatures, digests, conditional puts, counting and hooks.

import { once } from 'node:events';
import { IncomingMessage, ServerResponse } from 'node:http';
import { AwsError, ConnectionDropped } from '../aws/aws-error.ts';
import type { IssuedCredentials } from '../aws/credentials.ts';
import { readBody } from '../aws/http-server.ts';
import type { RequestLedger } from '../aws/request-ledger.ts';
import type { ObjectStore } from './object-store.ts';
import { type Payload, readPayload } from './payload.ts';
import { operationOf } from './s3-operation.ts';
import { authenticate, withoutSignature } from './signature.ts';

interface Surroundings {
  readonly store: ObjectStore;
  readonly ledger: RequestLedger;
  readonly credentials: IssuedCredentials;
}

interface Target {
  readonly operation: string;
  readonly bucket: string;
  readonly key: string;
}

/** The request handler of the S3 endpoint. */
export function s3Front(around: Surroundings) {
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    try {
      await answer(around, request, response);
    } catch (error) {
      if (error instanceof ConnectionDropped) request.socket.destroy();
      else respondError(response, error);
    }
  };
}

async function answer(
  around: Surroundings,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const body = (await readBody(request)) as Buffer;
  const [path = '/', query = ''] = `${request.url}`.split('?') as [string, string?];
  const method = request.method ?? 'GET';
  const caller = authenticate({ method, path, query, headers: request.headers }, around.credentials);
  const target = { operation: operationOf(method, path, query, request.headers), ...bucketAndKey(path) };
  const counted = { service: 'S3', operation: target.operation, caller, body, path } as const;
  await around.ledger.run(counted, (unheard) => {
    // s3rver writes the answer itself; one that nobody is to hear goes to a response without a connection.
    const heard = unheard ? new ServerResponse(request) : response;
    return execute(around.store, request, heard, body, target);
  });
  // s3rver answers its promise when an object's bytes begin to flow, not when they have.
  if (!response.writableFinished && !response.destroyed) await once(response, 'close');
}

async function execute(
  store: ObjectStore,
  request: IncomingMessage,
  response: ServerResponse,
  body: Buffer,
  target: Target,
): Promise<void> {
  const payload = readPayload(request.headers, body);
  await store.lock.run(`${target.bucket}/${target.key}`, () =>
    handle(store, request, response, payload, target),
  );
}

async function handle(
  store: ObjectStore,
  request: IncomingMessage,
  response: ServerResponse,
  payload: Payload,
  target: Target,
): Promise<void> {
  const { headers } = request;
  if (target.operation === 'PutObject') await beforePut(store, request, response, target, payload);
  // A part of an object has another checksum than the whole.
  else if (headers['x-amz-checksum-mode'] === 'ENABLED' && !headers.range)
    await addChecksum(store, response, target);
  await store.handle(plainRequest(request, payload.content), response, payload);
}

async function beforePut(
  store: ObjectStore,
  { headers }: IncomingMessage,
  response: ServerResponse,
  { bucket, key }: Target,
  { checksum }: Payload,
): Promise<void> {
  if (headers['if-match']) throw notImplemented('If-Match on a put');
  const none = headers['if-none-match'];
  if (none !== undefined && none !== '*') throw notImplemented('If-None-Match other than *');
  if (none === '*' && (await store.exists(bucket, key))) {
    throw new AwsError(
      'PreconditionFailed',
      'At least one of the pre-conditions you specified did not hold',
      {
        status: 412,
      },
    );
  }
  if (checksum) response.setHeader(...checksum);
}

async function addChecksum(
  store: ObjectStore,
  response: ServerResponse,
  { bucket, key }: Target,
): Promise<void> {
  const checksum = key ? await store.checksum(bucket, key) : undefined;
  if (!checksum) return;
  response.setHeader(...checksum);
  response.setHeader('x-amz-checksum-type', 'FULL_OBJECT');
}

/**
 * The request as s3rver shall see it: already authenticated, so without a signature, and with the object's bare bytes.
 */
function plainRequest(request: IncomingMessage, content: Buffer): IncomingMessage {
  const plain = new IncomingMessage(request.socket);
  const [path, query = ''] = `${request.url}`.split('?') as [string, string?];
  const kept = withoutSignature(query);
  plain.method = request.method ?? 'GET';
  plain.url = kept ? `${path}?${kept}` : path;
  plain.httpVersion = request.httpVersion;
  const { authorization: _authorization, 'content-encoding': encoding, ...headers } = request.headers;
  const outer = `${encoding ?? ''}`.split(',').filter((part) => part && part.trim() !== 'aws-chunked');
  plain.headers = {
    ...headers,
    ...(outer.length > 0 && { 'content-encoding': outer.join(',') }),
    'content-length': String(content.length),
    // By a header of this kind s3rver tells an SDK's request from one to a website.
    'x-amz-date': 'verified',
    'x-amz-content-sha256': 'UNSIGNED-PAYLOAD',
  };
  plain.push(content);
  plain.push(null);
  return plain;
}

function bucketAndKey(path: string): { bucket: string; key: string } {
  const [bucket = '', ...key] = path.slice(1).split('/').map(decodeURIComponent);
  // A key is a file's path here; S3 itself would take such a key.
  if ([bucket, ...key].some((part) => part === '..' || part === '.'))
    throw notImplemented('a key with . or .. in it');
  return { bucket, key: key.join('/') };
}

function notImplemented(what: string): AwsError {
  return new AwsError('NotImplemented', `the local S3 does not know ${what}`, { status: 501 });
}

function respondError(response: ServerResponse, error: unknown): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const known =
    error instanceof AwsError ? error : new AwsError('InternalError', String(error), { status: 500 });
  const escaped = known.message.replace(/[<&]/g, (character) => (character === '<' ? '&lt;' : '&amp;'));
  const body = `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${known.code}</Code><Message>${escaped}</Message></Error>`;
  response.writeHead(known.status, {
    'content-type': 'application/xml',
    'content-length': Buffer.byteLength(body),
  });
  response.end(body);
}
