/** PutObject, GetObject, HeadObject and DeleteObject. */
import type { IncomingHttpHeaders } from 'node:http';
import { AwsError } from '../aws/aws-error.ts';
import { isNotModified } from './conditions.ts';
import type { StoredObject } from './object-index.ts';
import type { ObjectStore } from './object-store.ts';
import { Payload } from './payload.ts';
import { parseRange } from './range.ts';
import { noSuchKey, notImplemented } from './s3-error.ts';
import type { S3Request } from './s3-request.ts';
import type { S3Response } from './s3-response.ts';

const MAX_OBJECT_BYTES = 5 * 2 ** 30;
const MAX_METADATA_BYTES = 2048;
const METADATA = /^x-amz-meta-/;
/** Headers of a put that come back with the object. */
const KEPT = ['cache-control', 'content-disposition', 'content-encoding', 'content-language', 'expires'];
/** Parameters of a GET that replace a header of the answer. */
const REPLACEABLE = ['content-type', ...KEPT];

export async function putObject(store: ObjectStore, request: S3Request): Promise<S3Response> {
  const { bucket, key, headers } = request;
  expectParameters(request, []);
  if (headers['if-match'] !== undefined) throw notImplemented('If-Match on a put');
  const ifNoneMatch = headers['if-none-match'];
  if (ifNoneMatch !== undefined && ifNoneMatch !== '*') throw notImplemented('If-None-Match other than *');
  expectLength(headers);
  const object = await store.put({
    bucket,
    key,
    payload: new Payload(headers, request.body),
    headers: keptHeaders(headers),
    onlyIfAbsent: ifNoneMatch === '*',
  });
  return { status: 200, headers: { etag: object.etag, 'content-length': '0', ...checksumHeaders(object) } };
}

/** Also HeadObject, whose answer has no body. */
export function getObject(store: ObjectStore, request: S3Request): S3Response {
  const { bucket, key, headers } = request;
  expectParameters(
    request,
    REPLACEABLE.map((name) => `response-${name}`),
  );
  const object = store.find(bucket, key);
  if (!object) throw noSuchKey();
  const described = { etag: object.etag, 'last-modified': new Date(object.modifiedAt).toUTCString() };
  if (isNotModified(headers, object)) return { status: 304, headers: described };
  const range = parseRange(headers.range, object.size);
  // A part of an object has another checksum than the whole.
  const withChecksum = headers['x-amz-checksum-mode'] === 'ENABLED' && !range;
  const length = range ? range.end - range.start + 1 : object.size;
  return {
    status: range ? 206 : 200,
    headers: {
      'accept-ranges': 'bytes',
      ...described,
      ...object.headers,
      ...replacedHeaders(request.parameters),
      ...(withChecksum && checksumHeaders(object)),
      ...(range && { 'content-range': `bytes ${range.start}-${range.end}/${object.size}` }),
      'content-length': String(length),
    },
    ...(request.operation === 'GetObject' && { body: store.read(object, range) }),
  };
}

export async function deleteObject(store: ObjectStore, request: S3Request): Promise<S3Response> {
  expectParameters(request, []);
  await store.delete(request.bucket, request.key);
  return { status: 204, headers: {} };
}

/** @throws AwsError NotImplemented that names a query parameter which would have to be ignored */
export function expectParameters({ parameters, operation }: S3Request, known: readonly string[]): void {
  const unknown = [...parameters.keys()].find((name) => !known.includes(name));
  if (unknown !== undefined) throw notImplemented(`the parameter ${unknown} of ${operation}`);
}

function expectLength(headers: IncomingHttpHeaders): void {
  const length = headers['x-amz-decoded-content-length'] ?? headers['content-length'];
  if (length === undefined) {
    throw new AwsError('MissingContentLength', 'You must provide the Content-Length HTTP header.', {
      status: 411,
    });
  }
  if (Number(length) > MAX_OBJECT_BYTES) {
    throw new AwsError('EntityTooLarge', 'Your proposed upload exceeds the maximum allowed size');
  }
}

function keptHeaders(headers: IncomingHttpHeaders): Record<string, string> {
  const given = Object.entries(headers).map(([name, value]) => [name, `${value}`] as const);
  const metadata = given.filter(([name]) => METADATA.test(name));
  const bytes = metadata.reduce(
    (sum, [name, value]) => sum + name.replace(METADATA, '').length + Buffer.byteLength(value, 'latin1'),
    0,
  );
  if (bytes > MAX_METADATA_BYTES) {
    throw new AwsError('MetadataTooLarge', 'Your metadata headers exceed the maximum allowed metadata size');
  }
  const kept = given
    .filter(([name]) => KEPT.includes(name))
    .map(([name, value]) => [name, plain(name, value)]);
  return {
    'content-type': headers['content-type'] ?? 'binary/octet-stream',
    ...Object.fromEntries(kept.filter(([, value]) => value !== '')),
    ...Object.fromEntries(metadata),
  };
}

/** `aws-chunked` is how the body travelled, not what the object is. */
function plain(name: string, value: string): string {
  if (name !== 'content-encoding') return value;
  const encodings = value.split(',').map((encoding) => encoding.trim());
  return encodings.filter((encoding) => encoding !== 'aws-chunked').join(',');
}

function replacedHeaders(parameters: URLSearchParams): Record<string, string> {
  const replaced = REPLACEABLE.map((name) => [name, parameters.get(`response-${name}`)] as const);
  return Object.fromEntries(replaced.filter((entry): entry is [string, string] => entry[1] !== null));
}

function checksumHeaders({ checksum }: StoredObject): Record<string, string> {
  return checksum ? { [checksum[0]]: checksum[1], 'x-amz-checksum-type': 'FULL_OBJECT' } : {};
}
