/** The S3 endpoint as the SDK sees it: storing, signatures, hooks. */
import { Readable } from 'node:stream';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { expect, test, vi } from 'vitest';
import { clientOf } from '../stacks.ts';
import { Bucket, bootBucket, failure, sha256 } from './bucket.ts';

test('an object comes back byte for byte, with its type and the checksum that was verified', async () => {
  const { s3 } = await bootBucket();
  const Body = Buffer.from(Array.from({ length: 3_000_000 }, (_, index) => index % 251));
  const ChecksumSHA256 = sha256(Body);

  await s3.send(
    new PutObjectCommand({ Bucket, Key: 'a/b 世.png', Body, ContentType: 'image/png', ChecksumSHA256 }),
  );
  const head = await s3.send(new HeadObjectCommand({ Bucket, Key: 'a/b 世.png', ChecksumMode: 'ENABLED' }));
  const got = await s3.send(new GetObjectCommand({ Bucket, Key: 'a/b 世.png' }));

  expect(head).toMatchObject({ ContentType: 'image/png', ContentLength: Body.length, ChecksumSHA256 });
  expect(Buffer.from(await got.Body!.transformToByteArray()).equals(Body)).toBe(true);
});

test('a streamed put is stored without the SDK’s chunk headers', async () => {
  const { s3 } = await bootBucket();
  const Body = Buffer.from('streamed '.repeat(20_000));

  await s3.send(
    new PutObjectCommand({ Bucket, Key: 'stream', Body: Readable.from([Body]), ContentLength: Body.length }),
  );
  const got = await s3.send(new GetObjectCommand({ Bucket, Key: 'stream' }));

  expect(Buffer.from(await got.Body!.transformToByteArray()).equals(Body)).toBe(true);
});

test('a wrong checksum is refused, and nothing is stored', async () => {
  const { s3 } = await bootBucket();
  const put = new PutObjectCommand({
    Bucket,
    Key: 'x',
    Body: Buffer.from('x'),
    ChecksumSHA256: sha256(Buffer.from('y')),
  });

  expect((await failure(s3.send(put))).name).toBe('BadDigest');
  expect((await failure(s3.send(new HeadObjectCommand({ Bucket, Key: 'x' })))).name).toBe('NotFound');
});

test('IfNoneMatch * stores once', async () => {
  const { s3 } = await bootBucket();
  const put = (text: string) =>
    s3.send(new PutObjectCommand({ Bucket, Key: 'once', Body: Buffer.from(text), IfNoneMatch: '*' }));

  await put('first');
  const second = await failure(put('second'));
  const got = await s3.send(new GetObjectCommand({ Bucket, Key: 'once' }));

  expect(second).toMatchObject({ name: 'PreconditionFailed', $metadata: { httpStatusCode: 412 } });
  expect(await got.Body!.transformToString()).toBe('first');
});

test('objects can be listed and deleted; what is not there is the documented error', async () => {
  const { s3 } = await bootBucket();
  for (const Key of ['in/a', 'in/b', 'out/c'])
    await s3.send(new PutObjectCommand({ Bucket, Key, Body: Buffer.from(Key) }));
  await s3.send(new DeleteObjectCommand({ Bucket, Key: 'in/a' }));

  const { Contents } = await s3.send(new ListObjectsV2Command({ Bucket, Prefix: 'in/' }));

  expect(Contents?.map(({ Key }) => Key)).toEqual(['in/b']);
  expect((await failure(s3.send(new GetObjectCommand({ Bucket, Key: 'in/a' })))).name).toBe('NoSuchKey');
  expect((await failure(s3.send(new GetObjectCommand({ Bucket: 'other', Key: 'x' })))).name).toBe(
    'NoSuchBucket',
  );
});

test('a presigned URL works for anyone, until it is changed or expires', async () => {
  const { s3 } = await bootBucket();
  await s3.send(new PutObjectCommand({ Bucket, Key: 'a b/c.png', Body: Buffer.from('pixels') }));
  await s3.send(new PutObjectCommand({ Bucket, Key: 'a b/d.png', Body: Buffer.from('others') }));
  const url = await getSignedUrl(s3, new GetObjectCommand({ Bucket, Key: 'a b/c.png' }), { expiresIn: 60 });

  const good = await fetch(url);
  expect([good.status, await good.text()]).toEqual([200, 'pixels']);
  const otherKey = await fetch(url.replace('c.png', 'd.png'));
  expect(otherKey.status).toBe(403);
  const longer = await fetch(url.replace('X-Amz-Expires=60', 'X-Amz-Expires=600'));
  expect([longer.status, await longer.text()]).toEqual([
    403,
    expect.stringContaining('SignatureDoesNotMatch'),
  ]);
  const otherMethod = await fetch(url, { method: 'DELETE' });
  expect(otherMethod.status).toBe(403);

  vi.useFakeTimers({ now: Date.now() + 61_000, toFake: ['Date'] });
  const late = await fetch(url).finally(() => vi.useRealTimers());
  expect([late.status, await late.text()]).toEqual([403, expect.stringContaining('Request has expired')]);
});

test('a request without a signature is refused, and so is a wrong one', async () => {
  const { cloud, s3 } = await bootBucket();
  await s3.send(new PutObjectCommand({ Bucket, Key: 'x', Body: Buffer.from('x') }));
  const forger = new S3Client({
    ...clientOf(cloud, 's3'),
    credentials: { accessKeyId: cloud.credentials.accessKeyId, secretAccessKey: 'guessed' },
  });

  expect((await fetch(`${cloud.endpoints.s3}/${Bucket}/x`)).status).toBe(403);
  expect((await failure(forger.send(new GetObjectCommand({ Bucket, Key: 'x' })))).name).toBe(
    'SignatureDoesNotMatch',
  );
});

test('people may look inside with whatever credentials they have, but not hand out links', async () => {
  const { cloud, s3 } = await bootBucket();
  await s3.send(new PutObjectCommand({ Bucket, Key: 'x', Body: Buffer.from('x') }));
  const credentials = { accessKeyId: 'AKIAOTHER', secretAccessKey: 'other' };
  const other = new S3Client({ ...clientOf(cloud, 's3'), credentials });

  const got = await other.send(new GetObjectCommand({ Bucket, Key: 'x' }));
  const link = await getSignedUrl(other, new GetObjectCommand({ Bucket, Key: 'x' }));

  expect(await got.Body!.transformToString()).toBe('x');
  expect((await fetch(link)).status).toBe(403);
});

test('requests are counted by their names; a hook may fail them', async () => {
  const { cloud, s3 } = await bootBucket();
  const before = cloud.requests();
  const stop = cloud.onRequest(({ service, operation }) =>
    service === 'S3' && operation === 'PutObject' ? { status: 503, code: 'SlowDown' } : undefined,
  );
  const put = new PutObjectCommand({ Bucket, Key: 'x', Body: Buffer.from('x') });

  const refused = await failure(s3.send(put));
  stop();
  await s3.send(put);
  await s3.send(new ListObjectsV2Command({ Bucket }));

  expect(refused).toMatchObject({ name: 'SlowDown', $metadata: { httpStatusCode: 503 } });
  expect(cloud.requests(before).byCaller).toEqual({ outside: { 'S3.PutObject': 2, 'S3.ListObjectsV2': 1 } });
});

test('a put can be cut off after it was done: stored, and the sender does not know', async () => {
  const { cloud, s3 } = await bootBucket();
  const stop = cloud.onRequest(({ operation }) =>
    operation === 'PutObject' ? { drop: 'after' } : undefined,
  );

  const put = await failure(s3.send(new PutObjectCommand({ Bucket, Key: 'x', Body: Buffer.from('x') })));
  stop();
  const got = await s3.send(new GetObjectCommand({ Bucket, Key: 'x' }));

  expect(put.$metadata.httpStatusCode).toBeUndefined();
  expect(await got.Body!.transformToString()).toBe('x');
});

test('a rewrite is never seen half done', async () => {
  const { s3 } = await bootBucket();
  const bodies = ['a', 'b'].map((letter) => Buffer.from(letter.repeat(400_000)));
  await s3.send(new PutObjectCommand({ Bucket, Key: 'x', Body: bodies[0]! }));
  const read = async () => {
    const got = await s3.send(new GetObjectCommand({ Bucket, Key: 'x' }));
    return new Set(await got.Body!.transformToString()).size;
  };

  const writes = Array.from({ length: 10 }, (_, index) =>
    s3.send(new PutObjectCommand({ Bucket, Key: 'x', Body: bodies[index % 2]! })),
  );
  const [, ...letters] = await Promise.all([Promise.all(writes), ...Array.from({ length: 20 }, read)]);

  expect(letters).toEqual(Array.from({ length: 20 }, () => 1));
});
