/** What a put keeps, what a get may ask for, and what is refused rather than ignored. */
import { createHash } from 'node:crypto';
import { readdir, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import {
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { expect, test } from 'vitest';
import { eventually } from '../../../../support/eventually.ts';
import { clientOf, temporaryDirectory } from '../stacks.ts';
import { Bucket, bootBucket, failure } from './bucket.ts';

const Key = 'x';

const put = (s3: S3Client, text: string, more: object = {}) =>
  s3.send(new PutObjectCommand({ Bucket, Key, Body: Buffer.from(text), ...more }));

async function get(s3: S3Client, more: object = {}) {
  const got = await s3.send(new GetObjectCommand({ Bucket, Key, ...more }));
  return { ...got, text: await got.Body!.transformToString() };
}

test('type, metadata and caching headers come back as they were put', async () => {
  const { s3 } = await bootBucket();
  const headers = {
    ContentType: 'image/webp',
    CacheControl: 'max-age=60',
    ContentDisposition: 'inline',
    ContentLanguage: 'zh',
    ContentEncoding: 'gzip',
    Metadata: { order: '42', empty: '' },
  };

  await put(s3, 'x', headers);

  expect(await get(s3)).toMatchObject(headers);
  expect(await s3.send(new HeadObjectCommand({ Bucket, Key }))).toMatchObject({
    ...headers,
    ContentLength: 1,
  });
});

test('a presigned put without a type is binary, and its ETag is the MD5', async () => {
  const { cloud, s3 } = await bootBucket();
  // Otherwise the link holds the checksum of an empty body.
  const signer = new S3Client({ ...clientOf(cloud, 's3'), requestChecksumCalculation: 'WHEN_REQUIRED' });
  const link = await getSignedUrl(signer, new PutObjectCommand({ Bucket, Key }));

  const { status } = await fetch(link, { method: 'PUT', body: Buffer.from('x') });

  const ETag = `"${createHash('md5').update('x').digest('hex')}"`;
  expect(status).toBe(200);
  expect(await get(s3)).toMatchObject({ ETag, ContentType: 'binary/octet-stream', text: 'x' });
});

test.each([
  ['bytes=0-0', '0', 'bytes 0-0/10'],
  ['bytes=3-5', '345', 'bytes 3-5/10'],
  ['bytes=7-', '789', 'bytes 7-9/10'],
  ['bytes=7-100', '789', 'bytes 7-9/10'],
  ['bytes=-3', '789', 'bytes 7-9/10'],
  ['bytes=-100', '0123456789', 'bytes 0-9/10'],
  ['bytes=5-3', '0123456789', undefined],
  ['bytes=0-1,3-4', '0123456789', undefined],
  ['lines=1-2', '0123456789', undefined],
])('the range %s of ten bytes is %s', async (Range, text, ContentRange) => {
  const { s3 } = await bootBucket();
  await put(s3, '0123456789');

  const got = await get(s3, { Range, ChecksumMode: ContentRange ? undefined : 'ENABLED' });

  expect(got).toMatchObject({ text, ContentLength: text.length, AcceptRanges: 'bytes' });
  expect(got.ContentRange).toBe(ContentRange);
  expect(got.$metadata.httpStatusCode).toBe(ContentRange ? 206 : 200);
});

test.each(['bytes=10-', 'bytes=-0'])('the range %s of ten bytes cannot be satisfied', async (Range) => {
  const { s3 } = await bootBucket();
  await put(s3, '0123456789');

  expect(await failure(get(s3, { Range }))).toMatchObject({
    name: 'InvalidRange',
    $metadata: { httpStatusCode: 416 },
  });
});

test('an empty object is an object', async () => {
  const { s3 } = await bootBucket();
  await put(s3, '');

  expect(await get(s3)).toMatchObject({ text: '', ContentLength: 0 });
});

test('a caller that has the object already is answered 304; one that wants another, 412', async () => {
  const { s3 } = await bootBucket();
  const { ETag } = await put(s3, 'x');
  const { LastModified } = await get(s3);
  const status = async (more: object) => (await failure(get(s3, more))).$metadata.httpStatusCode;
  const later = new Date(LastModified!.getTime() + 1000);
  const earlier = new Date(LastModified!.getTime() - 1000);

  expect(await status({ IfNoneMatch: ETag })).toBe(304);
  expect(await status({ IfNoneMatch: '"other"' })).toBe(200);
  expect(await status({ IfModifiedSince: LastModified })).toBe(304);
  expect(await status({ IfModifiedSince: earlier })).toBe(200);
  expect(await status({ IfNoneMatch: '"other"', IfModifiedSince: later })).toBe(200);
  expect(await status({ IfMatch: ETag })).toBe(200);
  expect(await status({ IfMatch: '"other"' })).toBe(412);
  expect(await status({ IfUnmodifiedSince: earlier })).toBe(412);
  expect(await status({ IfMatch: ETag, IfUnmodifiedSince: earlier })).toBe(200);
});

test('a presigned link may replace headers of the answer', async () => {
  const { s3 } = await bootBucket();
  await put(s3, 'pixels', { ContentType: 'image/png' });
  const link = await getSignedUrl(
    s3,
    new GetObjectCommand({
      Bucket,
      Key,
      ResponseContentType: 'text/plain',
      ResponseContentDisposition: 'attachment; filename="a b.png"',
    }),
  );

  const { headers } = await fetch(link);

  expect(headers.get('content-type')).toBe('text/plain');
  expect(headers.get('content-disposition')).toBe('attachment; filename="a b.png"');
});

test('keys are any text: dots, slashes at both ends, as long as S3 allows', async () => {
  const { s3 } = await bootBucket();
  const keys = ['.', '..', 'a/../b', '/a//b/', '%2F', 'a+b c', '世'.repeat(341), '\u{1f600}'];
  for (const each of keys)
    await s3.send(new PutObjectCommand({ Bucket, Key: each, Body: Buffer.from(each) }));

  for (const each of keys) expect((await get(s3, { Key: each })).text).toBe(each);
  const tooLong = new PutObjectCommand({ Bucket, Key: '世'.repeat(342), Body: Buffer.from('x') });
  expect((await failure(s3.send(tooLong))).name).toBe('KeyTooLongError');
});

test('what the local S3 would have to ignore is refused by name', async () => {
  const { s3 } = await bootBucket();
  await put(s3, 'x');
  const refused = async (promise: Promise<unknown>) => String(await failure(promise));

  expect(await refused(put(s3, 'x', { StorageClass: 'GLACIER' }))).toContain('x-amz-storage-class');
  expect(await refused(put(s3, 'x', { Tagging: 'a=b' }))).toContain('x-amz-tagging');
  expect(await refused(put(s3, 'x', { IfMatch: '"a"' }))).toContain('If-Match');
  expect(await refused(get(s3, { VersionId: '1' }))).toContain('versionId');
  expect(await refused(get(s3, { PartNumber: 1 }))).toContain('partNumber');
  expect(
    await refused(s3.send(new CopyObjectCommand({ Bucket, Key: 'y', CopySource: `${Bucket}/${Key}` }))),
  ).toContain('x-amz-copy-source');
  expect(await refused(s3.send(new CreateMultipartUploadCommand({ Bucket, Key })))).toContain(
    'CreateMultipartUpload',
  );
});

test('metadata beyond 2 KB is refused', async () => {
  const { s3 } = await bootBucket();

  const tooMuch = put(s3, 'x', { Metadata: { a: 'b'.repeat(2048) } });

  expect((await failure(tooMuch)).name).toBe('MetadataTooLarge');
});

test('after a refused put the connection serves the next request', async () => {
  const { s3 } = await bootBucket();
  const big = new PutObjectCommand({
    Bucket,
    Key,
    Body: Buffer.alloc(1_000_000),
    Tagging: 'a=b',
  });

  expect((await failure(s3.send(big))).name).toBe('NotImplemented');
  await put(s3, 'next');

  expect((await get(s3)).text).toBe('next');
});

test('a put that is broken off leaves the object before it, and no file', async () => {
  const stateDir = await temporaryDirectory();
  const { cloud, s3 } = await bootBucket({ stateDir });
  await put(s3, 'before');
  const files = () => readdir(join(stateDir, 'objects'));
  const link = new URL(await getSignedUrl(s3, new PutObjectCommand({ Bucket, Key })));

  const socket = connect(Number(new URL(cloud.endpoints.s3).port), '127.0.0.1');
  socket.write(
    `PUT ${link.pathname}${link.search} HTTP/1.1\r\nHost: ${link.host}\r\nContent-Length: 1000\r\n\r\nonly this`,
  );
  await eventually(async () => (await files()).length === 2);
  socket.destroy();

  await eventually(async () => (await files()).length === 1);
  expect((await get(s3)).text).toBe('before');
});

test('objects are there in the next run; a file that no object names is not', async () => {
  const stateDir = await temporaryDirectory();
  const first = await bootBucket({ stateDir });
  await put(first.s3, 'kept', { ContentType: 'text/plain' });
  await first.cloud.stop();
  const orphan = join(stateDir, 'objects', crypto.randomUUID());
  await writeFile(orphan, 'of a run that was killed');

  const { s3 } = await bootBucket({ stateDir });

  expect(await get(s3)).toMatchObject({ text: 'kept', ContentType: 'text/plain' });
  expect(await readdir(join(stateDir, 'objects'))).toHaveLength(1);
});
