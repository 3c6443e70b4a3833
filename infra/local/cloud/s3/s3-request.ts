/** A request to S3, taken apart: which operation it is, on which bucket and key, with which parameters and headers. */
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { AwsError } from '../aws/aws-error.ts';
import { notImplemented } from './s3-error.ts';
import { operationOf } from './s3-operation.ts';

export interface S3Request {
  readonly operation: string;
  readonly bucket: string;
  readonly key: string;
  readonly parameters: URLSearchParams;
  /** Also those that a presigned URL carries in its query. */
  readonly headers: IncomingHttpHeaders;
  readonly body: AsyncIterable<Buffer>;
}

const MAX_KEY_BYTES = 1024;

/** Query parameters that are part of the signature, and the operation's name that SDKs add. */
const OF_SIGNATURE =
  /^X-Amz-(Algorithm|Credential|Date|Expires|SignedHeaders|Signature|Security-Token|Content-Sha256)$/i;
const KNOWN_HEADERS =
  /^x-amz-(date|content-sha256|security-token|user-agent|decoded-content-length|trailer|sdk-checksum-algorithm|checksum-(?!type$).*|meta-.*)$/;

/** @throws AwsError for a path that cannot be, or a header that the local S3 would have to ignore. */
export function readS3Request(message: IncomingMessage, path: string, query: string): S3Request {
  const parameters = new URLSearchParams(query);
  const headers: IncomingHttpHeaders = { ...message.headers };
  for (const [name, value] of [...parameters]) {
    if (!/^x-amz-/i.test(name)) continue;
    parameters.delete(name);
    if (!OF_SIGNATURE.test(name)) headers[name.toLowerCase()] ??= value;
  }
  parameters.delete('x-id');
  const operation = operationOf(message.method ?? 'GET', path, parameters, headers);
  const unknown = Object.keys(headers).find((name) => name.startsWith('x-amz-') && !KNOWN_HEADERS.test(name));
  if (unknown) throw notImplemented(`the header ${unknown}`);
  // The connection outlives a body that is not read to its end.
  const body = message.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>;
  return { operation, ...bucketAndKey(path), parameters, headers, body };
}

function bucketAndKey(path: string): { bucket: string; key: string } {
  const [bucket = '', ...segments] = path.slice(1).split('/');
  const key = segments.map(decoded).join('/');
  if (Buffer.byteLength(key) > MAX_KEY_BYTES) {
    throw new AwsError('KeyTooLongError', 'Your key is too long');
  }
  return { bucket: decoded(bucket), key };
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch (cause) {
    throw new AwsError('InvalidURI', "Couldn't parse the specified URI.", { cause });
  }
}
