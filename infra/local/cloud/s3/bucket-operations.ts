/** ListBuckets, HeadBucket and ListObjectsV2. */
import { AwsError } from '../aws/aws-error.ts';
import { element } from '../aws/xml.ts';
import type { StoredObject } from './object-index.ts';
import { expectParameters } from './object-operations.ts';
import type { ObjectStore } from './object-store.ts';
import type { S3Request } from './s3-request.ts';
import { type S3Response, xmlResponse } from './s3-response.ts';

const MAX_KEYS = 1000;

export function listBuckets(store: ObjectStore, request: S3Request): S3Response {
  expectParameters(request, []);
  const buckets = store.buckets().map((name) => element('Bucket', [element('Name', name)]));
  return xmlResponse(element('ListAllMyBucketsResult', [element('Buckets', buckets)]));
}

export function headBucket(store: ObjectStore, request: S3Request): S3Response {
  expectParameters(request, []);
  store.expectBucket(request.bucket);
  return { status: 200, headers: {} };
}

export function listObjects(store: ObjectStore, request: S3Request): S3Response {
  const { bucket, parameters } = request;
  expectParameters(request, [
    'list-type',
    'prefix',
    'delimiter',
    'max-keys',
    'start-after',
    'continuation-token',
    'encoding-type',
  ]);
  const prefix = parameters.get('prefix') ?? '';
  const delimiter = parameters.get('delimiter') ?? '';
  const maxKeys = maxKeysOf(parameters.get('max-keys'));
  const token = parameters.get('continuation-token');
  const after = token === null ? (parameters.get('start-after') ?? '') : fromToken(token);
  const encode = encodingOf(parameters.get('encoding-type'));
  const entries = entriesOf(store.list(bucket, prefix, after), prefix, delimiter, after);
  const page: Entry[] = [];
  let next: string | undefined;
  for (const entry of entries) {
    if (page.length === maxKeys) {
      next = page.at(-1)?.name;
      break;
    }
    page.push(entry);
  }
  return xmlResponse(
    element('ListBucketResult', [
      element('Name', bucket),
      element('Prefix', encode(prefix)),
      ...(delimiter ? [element('Delimiter', encode(delimiter))] : []),
      element('KeyCount', String(page.length)),
      element('MaxKeys', String(maxKeys)),
      element('IsTruncated', String(next !== undefined)),
      ...(next === undefined ? [] : [element('NextContinuationToken', toToken(next))]),
      ...page.map((entry) => entryElement(entry, encode)),
    ]),
  );
}

/** An object, or all that share a prefix up to the delimiter. */
interface Entry {
  readonly name: string;
  readonly object: StoredObject | undefined;
}

function* entriesOf(
  objects: Iterable<StoredObject>,
  prefix: string,
  delimiter: string,
  after: string,
): Generator<Entry> {
  let last: string | undefined;
  for (const object of objects) {
    const end = delimiter ? object.key.indexOf(delimiter, prefix.length) : -1;
    if (end < 0) {
      yield { name: object.key, object };
      continue;
    }
    const common = object.key.slice(0, end + delimiter.length);
    // One that the page before ended with comes no second time.
    if (common !== last && common !== after) yield { name: common, object: undefined };
    last = common;
  }
}

function entryElement({ name, object }: Entry, encode: (text: string) => string): string {
  if (!object) return element('CommonPrefixes', [element('Prefix', encode(name))]);
  return element('Contents', [
    element('Key', encode(name)),
    element('LastModified', new Date(object.modifiedAt).toISOString()),
    element('ETag', object.etag),
    element('Size', String(object.size)),
    element('StorageClass', 'STANDARD'),
  ]);
}

function maxKeysOf(text: string | null): number {
  if (text === null) return MAX_KEYS;
  if (/^\d{1,9}$/.test(text)) return Math.min(Number(text), MAX_KEYS);
  throw invalid('max-keys must be an integer from 0 to 2147483647');
}

function encodingOf(name: string | null): (text: string) => string {
  if (name === null) return (text) => text;
  if (name === 'url') return (text) => encodeURIComponent(text).replaceAll('%2F', '/');
  throw invalid('Invalid Encoding Method specified in Request');
}

function toToken(name: string): string {
  return Buffer.from(name).toString('base64');
}

function fromToken(token: string): string {
  const name = Buffer.from(token, 'base64').toString('utf8');
  if (toToken(name) === token) return name;
  throw invalid('The continuation token provided is incorrect');
}

function invalid(message: string): AwsError {
  return new AwsError('InvalidArgument', message);
}
