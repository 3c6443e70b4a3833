/** Listing: order, pages, prefixes. */
import {
  HeadBucketCommand,
  ListBucketsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { expect, test } from 'vitest';
import { Bucket, bootBucket, failure } from './bucket.ts';

const KEYS = ['a/1', 'a/2', 'a/b/3', 'b', 'c/&<>"\r\n4', 'c/世', 'z\u{1f600}', 'z\uffee'];

async function bootFilled() {
  const { s3 } = await bootBucket();
  for (const Key of KEYS) await s3.send(new PutObjectCommand({ Bucket, Key, Body: Buffer.from('x') }));
  return s3;
}

/** All pages, each as its keys and common prefixes. */
async function pages(s3: S3Client, more: object) {
  const found: string[][] = [];
  let ContinuationToken: string | undefined;
  do {
    const page = await s3.send(new ListObjectsV2Command({ Bucket, ContinuationToken, ...more }));
    const names = [...(page.Contents ?? []), ...(page.CommonPrefixes ?? [])].map((entry) =>
      'Key' in entry ? entry.Key! : (entry as { Prefix: string }).Prefix,
    );
    expect(page.KeyCount).toBe(names.length);
    found.push(names);
    ContinuationToken = page.NextContinuationToken;
    expect(page.IsTruncated).toBe(ContinuationToken !== undefined);
  } while (ContinuationToken);
  return found;
}

test('keys come in the order of their bytes in UTF-8, in pages of the size asked for', async () => {
  const s3 = await bootFilled();
  const ordered = KEYS.toSorted((left, right) => Buffer.compare(Buffer.from(left), Buffer.from(right)));

  expect(await pages(s3, {})).toEqual([ordered]);
  expect(await pages(s3, { MaxKeys: 3 })).toEqual([
    ordered.slice(0, 3),
    ordered.slice(3, 6),
    ordered.slice(6),
  ]);
  expect((await pages(s3, { StartAfter: 'b' })).flat()).toEqual(ordered.slice(4));
});

test('a prefix selects; a delimiter rolls up, each group once over all pages', async () => {
  const s3 = await bootFilled();

  expect((await pages(s3, { Prefix: 'a/' })).flat()).toEqual(['a/1', 'a/2', 'a/b/3']);
  expect((await pages(s3, { Prefix: 'a/', Delimiter: '/' })).flat()).toEqual(['a/1', 'a/2', 'a/b/']);
  for (const MaxKeys of [1, 2, 3]) {
    const found = (await pages(s3, { Delimiter: '/', MaxKeys })).flat();
    expect(found.toSorted()).toEqual(['a/', 'b', 'c/', 'z\u{1f600}', 'z\uffee'].toSorted());
  }
});

test('names come back encoded for URLs when that is asked for', async () => {
  const s3 = await bootFilled();

  const { Contents } = await s3.send(new ListObjectsV2Command({ Bucket, Prefix: 'c/', EncodingType: 'url' }));

  expect(Contents?.map(({ Key }) => Key)).toEqual(['c/%26%3C%3E%22%0D%0A4', 'c/%E4%B8%96']);
});

test.each([
  [{ ContinuationToken: '?' }, 'continuation token'],
  [{ EncodingType: 'base64' as 'url' }, 'Encoding'],
  [{ MaxKeys: -1 }, 'max-keys'],
])('a listing with %j is refused', async (more, what) => {
  const { s3 } = await bootBucket();

  const refused = await failure(s3.send(new ListObjectsV2Command({ Bucket, ...more })));

  expect(refused).toMatchObject({ name: 'InvalidArgument', message: expect.stringContaining(what) });
});

test('buckets can be listed, and asked for', async () => {
  const { s3 } = await bootBucket();

  const { Buckets } = await s3.send(new ListBucketsCommand({}));
  const other = await failure(s3.send(new HeadBucketCommand({ Bucket: 'other' })));

  expect(Buckets).toMatchObject([{ Name: Bucket }]);
  expect((await s3.send(new HeadBucketCommand({ Bucket }))).$metadata.httpStatusCode).toBe(200);
  expect(other.$metadata.httpStatusCode).toBe(404);
});
