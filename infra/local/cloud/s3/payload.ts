// The body of a PUT to S3: unwraps the SDK's chunked form and checks every digest that came with it.
//
// s3rver would store the chunk headers and the trailing checksum as part of the object, and checks nothing.

import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { crc32 } from 'node:zlib';
import { AwsError } from '../aws/aws-error.ts';

/** An object's bytes, and the checksum that was verified for them. */
export interface Payload {
  readonly content: Buffer;
  /** Header name (`x-amz-checksum-sha256`) and base64 value. */
  readonly checksum: readonly [name: string, value: string] | undefined;
}

interface Unwrapped {
  readonly content: Buffer;
  readonly trailer: Readonly<Record<string, string>>;
}

const CHECKSUM_PREFIX = 'x-amz-checksum-';

const DIGESTS: Readonly<Record<string, (content: Buffer) => string>> = {
  crc32: (content) => {
    const value = Buffer.alloc(4);
    value.writeUInt32BE(crc32(content));
    return value.toString('base64');
  },
  sha1: (content) => createHash('sha1').update(content).digest('base64'),
  sha256: (content) => createHash('sha256').update(content).digest('base64'),
};

/**
 * The object in a request's body.
 * @throws AwsError BadDigest or XAmzContentSHA256Mismatch when a digest is wrong, NotImplemented for a kind of checksum
 *   that is not known here.
 */
export function readPayload(headers: IncomingHttpHeaders, body: Buffer): Payload {
  const declared = `${headers['x-amz-content-sha256'] ?? ''}`;
  const chunked = declared.startsWith('STREAMING-');
  const { content, trailer }: Unwrapped = chunked ? unwrap(body) : { content: body, trailer: {} };
  if (/^[0-9a-f]{64}$/.test(declared) && declared !== createHash('sha256').update(content).digest('hex')) {
    throw new AwsError(
      'XAmzContentSHA256Mismatch',
      "The provided 'x-amz-content-sha256' header does not match.",
    );
  }
  const md5 = headers['content-md5'];
  if (md5 && md5 !== createHash('md5').update(content).digest('base64')) throw badDigest('Content-MD5');
  const promised = headers['x-amz-trailer'];
  if (promised && !trailer[`${promised}`])
    throw new AwsError('MalformedTrailerError', 'The trailer is missing.');
  const checksum = Object.entries({ ...headers, ...trailer }).find(([name]) => isChecksum(name));
  if (!checksum) return { content, checksum: undefined };
  const [name, value] = checksum;
  const digest = DIGESTS[name.slice(CHECKSUM_PREFIX.length)];
  if (!digest) throw notImplemented(name);
  if (digest(content) !== value) throw badDigest(name);
  return { content, checksum: [name, `${value}`] };
}

function isChecksum(name: string): boolean {
  return name.startsWith(CHECKSUM_PREFIX) && name !== 'x-amz-checksum-mode' && name !== 'x-amz-checksum-type';
}

/** Takes the chunks of an aws-chunked body apart: `<hex length>[;chunk-signature=…]\r\n<bytes>\r\n`, then a trailer. */
function unwrap(body: Buffer): Unwrapped {
  const chunks: Buffer[] = [];
  let position = 0;
  for (;;) {
    const end = body.indexOf('\r\n', position);
    const length = Number.parseInt(body.toString('latin1', position, end).split(';')[0] ?? '', 16);
    if (end < 0 || Number.isNaN(length) || end + 2 + length > body.length) {
      throw new AwsError('IncompleteBody', 'The chunked body is broken.');
    }
    position = end + 2 + length + 2;
    if (length === 0)
      return { content: Buffer.concat(chunks), trailer: trailerOf(body.toString('latin1', end + 2)) };
    chunks.push(body.subarray(end + 2, end + 2 + length));
  }
}

function trailerOf(text: string): Record<string, string> {
  const lines = text.split('\r\n').filter((line) => line.includes(':'));
  return Object.fromEntries(
    lines.map((line) => [
      line.slice(0, line.indexOf(':')).toLowerCase(),
      line.slice(line.indexOf(':') + 1).trim(),
    ]),
  );
}

function badDigest(name: string): AwsError {
  return new AwsError('BadDigest', `The ${name} you specified did not match what we received.`);
}

function notImplemented(name: string): AwsError {
  const known = Object.keys(DIGESTS).join(', ');
  return new AwsError('NotImplemented', `the local S3 knows the checksums ${known}, not ${name}`, {
    status: 501,
  });
}
