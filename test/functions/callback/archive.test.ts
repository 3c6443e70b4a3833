/** The archive: every image is in the bucket with its checksum or listed as lost, and a fault decides nothing. */
import { createHash } from 'node:crypto';
import pLimit from 'p-limit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Archive, ArchiveFault, archiveImages, imageKey } from '../../../functions/callback/archive.ts';
import { AttemptNotes } from '../../../functions/callback/attempt-notes.ts';
import { ImageUnavailable } from '../../../shared/images/fetch.ts';
import { type Bucket, bucketInMemory } from '../../support/bucket.ts';
import { heic, jxl, tiff } from '../../support/encoded-pictures.ts';
import { jpeg, png } from '../../support/pictures.ts';
import { CREATED, taskRecord } from '../../support/records.ts';
import { type ScriptedServer, serve } from '../../support/server.ts';

const id = 'task_01JGJ0000000000000000000AA';
const record = taskRecord({ id });
const pictures: Record<string, Buffer> = { '/0.png': png({ width: 640 }), '/1.jpg': jpeg(), '/2.png': png() };
const rules = {
  allowHttp: true,
  allowedRanges: ['127.0.0.0/8'],
  maxBytes: 100_000,
  timeoutMs: 60_000,
  pausesMs: [],
};

let server: ScriptedServer;
beforeAll(async () => {
  server = await serve(({ path }) => {
    if (path.startsWith('/broken')) return { status: 503 };
    if (path.startsWith('/large')) return { body: Buffer.alloc(100_001) };
    if (path.startsWith('/page')) return { body: '<html>', headers: { 'content-type': 'image/png' } };
    if (path === '/encoded.png') return { body: 'LZW', headers: { 'content-encoding': 'compress' } };
    const body = pictures[path];
    return body ? { body } : { status: 404 };
  });
});
afterAll(() => server.close());

const archiveOf = (bucket: Bucket): Archive => ({
  s3: bucket.s3,
  bucket: 'images',
  rules,
  limit: (work) => work(),
});
const urls = (...paths: string[]) =>
  paths.map((path) => (path.startsWith('/') ? `${server.url}${path}` : path));
const archived = (archive: Archive, all: string[], keepsTruncated = false, first = 0) =>
  archiveImages(archive, record, all, {
    notes: new AttemptNotes(record, all),
    keepsTruncated,
    isLastChance: false,
    first,
  });
const keysOf = ({ puts }: Bucket) => puts.map(({ key }) => key).sort();

test('every image is put whole, with its own type and checksum, under its own key', async () => {
  const bucket = bucketInMemory();

  const { images, lost } = await archived(archiveOf(bucket), urls('/0.png', '/1.jpg'));

  const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
  const prefix = `images/acme/2026/01/02/${id}`;
  expect(lost).toEqual([]);
  expect(images).toEqual([
    {
      index: 0,
      width: 640,
      height: 400,
      bytes: pictures['/0.png']!.length,
      content_type: 'image/png',
      sha256: sha256(pictures['/0.png']!),
      bucket: 'images',
      key: `${prefix}/0-${sha256(pictures['/0.png']!).slice(0, 32)}.png`,
    },
    {
      index: 1,
      width: 400,
      height: 400,
      bytes: pictures['/1.jpg']!.length,
      content_type: 'image/jpeg',
      sha256: sha256(pictures['/1.jpg']!),
      bucket: 'images',
      key: `${prefix}/1-${sha256(pictures['/1.jpg']!).slice(0, 32)}.jpg`,
    },
  ]);
  for (const image of images) {
    const put = bucket.puts.find(({ key }) => key === image.key);
    expect(sha256(put!.body)).toBe(image.sha256);
    expect(put?.contentType).toBe(image.content_type);
  }
});

test('the type is the one of the bytes, never of the name or the header', async () => {
  pictures['/called.png'] = jpeg();
  const bucket = bucketInMemory();

  const { images } = await archived(archiveOf(bucket), urls('/called.png'));

  expect(images[0]).toMatchObject({
    content_type: 'image/jpeg',
    key: expect.stringMatching(/\/0-[0-9a-f]{32}\.jpg$/),
  });
});

test('a repeated archive writes the same bytes to the same keys', async () => {
  const [first, second] = [bucketInMemory(), bucketInMemory()];
  const all = urls('/0.png', '/gone.png', '/1.jpg');

  const one = await archived(archiveOf(first), all);
  const two = await archived(archiveOf(second), all);

  expect(two).toEqual(one);
  expect(keysOf(second)).toEqual(keysOf(first));
});

test('what is lost for good is listed with its reason; the others keep their place', async () => {
  const bucket = bucketInMemory();
  const all = urls('/gone.png', '/0.png', '/page.png', 'http://169.254.169.254/', '/large.png', '/1.jpg');

  const { images, lost } = await archived(archiveOf(bucket), all);

  expect(lost).toEqual([
    { index: 0, reason: 'gone' },
    { index: 2, reason: 'not_an_image', format: 'HTML' },
    { index: 3, reason: 'forbidden_address' },
    { index: 4, reason: 'too_large' },
  ]);
  expect(images.map(({ index }) => index)).toEqual([1, 5]);
  expect(bucket.puts).toHaveLength(2);
});

test('nothing to keep is nothing kept', async () => {
  expect(await archived(archiveOf(bucketInMemory()), [])).toEqual({ images: [], lost: [] });
});

describe('a fault', () => {
  test('of one image is thrown only after the others have ended', async () => {
    let put = false;
    const bucket = bucketInMemory(async () => {
      await new Promise((resolve) => setTimeout(resolve, 50));
      put = true;
    });

    const promise = archived(archiveOf(bucket), urls('/broken.png', '/0.png'));

    await expect(promise).rejects.toBeInstanceOf(ImageUnavailable);
    expect(put).toBe(true);
  });

  test('of the bucket is thrown, and the next try writes the same keys', async () => {
    let faults = 1;
    const bucket = bucketInMemory(() => {
      if (faults-- > 0) throw new Error('SlowDown');
    });
    const archive = archiveOf(bucket);

    await expect(archived(archive, urls('/0.png', '/1.jpg'))).rejects.toBeInstanceOf(ArchiveFault);
    const { images } = await archived(archive, urls('/0.png', '/1.jpg'));

    expect(images).toHaveLength(2);
    expect(new Set(keysOf(bucket))).toEqual(new Set(images.map(({ key }) => key)));
  });
});

test('other bytes at the same link get a key of their own: nothing that is kept is written over', async () => {
  const bucket = bucketInMemory();
  pictures['/changing.png'] = png({ width: 500 });
  const first = await archived(archiveOf(bucket), urls('/changing.png'));
  pictures['/changing.png'] = png({ width: 501 });

  const second = await archived(archiveOf(bucket), urls('/changing.png'));

  expect(second.images[0]?.key).not.toBe(first.images[0]?.key);
  expect(keysOf(bucket)).toHaveLength(2);
});

describe('a file that is cut short', () => {
  const whole = png({ width: 640 });
  test.each([
    ['behind its size', whole.subarray(0, whole.length - 20)],
    ['before its size', whole.subarray(0, 20)],
  ])('%s is tried again like a passing fault', async (_, bytes) => {
    pictures['/cut.png'] = bytes;
    const bucket = bucketInMemory();

    await expect(archived(archiveOf(bucket), urls('/cut.png'))).rejects.toBeInstanceOf(ImageUnavailable);

    expect(bucket.puts).toEqual([]);
  });

  test('is kept at last, and marked', async () => {
    pictures['/cut.png'] = whole.subarray(0, whole.length - 20);
    const bucket = bucketInMemory();

    const { images, lost } = await archived(archiveOf(bucket), urls('/cut.png', '/2.png'), true);

    expect(lost).toEqual([]);
    expect(images).toMatchObject([{ index: 0, width: 640, truncated: true }, { index: 1 }]);
    expect(images[1]).not.toHaveProperty('truncated');
    expect(bucket.puts).toHaveLength(2);
  });

  test('before its size is lost at last, by that name', async () => {
    pictures['/cut.png'] = whole.subarray(0, 20);

    const { lost } = await archived(archiveOf(bucketInMemory()), urls('/cut.png'), true);

    expect(lost).toEqual([{ index: 0, reason: 'cut_short', format: 'PNG' }]);
  });
});

test('a raster image that cannot be measured is lost by its name', async () => {
  pictures['/big.tiff'] = Buffer.concat([Buffer.from('II+\0', 'latin1'), Buffer.alloc(100)]);

  const { lost } = await archived(archiveOf(bucketInMemory()), urls('/big.tiff'));

  expect(lost).toEqual([{ index: 0, reason: 'unsupported_format', format: 'BigTIFF' }]);
});

test('what came in an encoding that we cannot undo is lost by its name', async () => {
  const { lost } = await archived(archiveOf(bucketInMemory()), urls('/encoded.png'));

  expect(lost).toEqual([{ index: 0, reason: 'unsupported_encoding', encoding: 'compress' }]);
});

test.each([
  ['image/heic', 'heic', heic],
  ['image/jxl', 'jxl', jxl],
  ['image/tiff', 'tiff', tiff],
])('%s is kept too, though no provider says that it delivers it', async (contentType, extension, bytes) => {
  pictures['/other'] = bytes;

  const { images } = await archived(archiveOf(bucketInMemory()), urls('/other'));

  expect(images).toMatchObject([{ content_type: contentType, width: 12, height: 9 }]);
  expect(images[0]!.key).toMatch(new RegExp(`\\.${extension}$`));
});

test('only as many images are in memory as the limit lets in', async () => {
  let inside = 0;
  let most = 0;
  let queue: Promise<unknown> = Promise.resolve();
  const limit: Archive['limit'] = (work) => {
    const next = queue.then(async () => {
      most = Math.max(most, ++inside);
      return work().finally(() => inside--);
    });
    queue = next.catch(() => undefined);
    return next;
  };

  await archived({ ...archiveOf(bucketInMemory()), limit }, urls('/0.png', '/1.jpg', '/2.png'));

  expect(most).toBe(1);
});

// Regression: four hosts that hung took all of every attempt's time, and the images behind them were never fetched.
test('it begins with the image that it is told to; what is kept stays in the provider’s order', async () => {
  const bucket = bucketInMemory();

  const archive = { ...archiveOf(bucket), limit: pLimit(1) };
  server.seen.splice(0);

  const { images, lost } = await archived(archive, urls('/0.png', '/gone', '/1.jpg', '/2.png'), false, 2);

  expect(server.seen.map(({ path }) => path)).toEqual(['/1.jpg', '/2.png', '/0.png', '/gone']);
  expect(images.map(({ index }) => index)).toEqual([0, 2, 3]);
  expect(lost.map(({ index }) => index)).toEqual([1]);
});

test('a key names owner, day of creation, task, place and content', () => {
  const hash = Buffer.from('ab'.repeat(32), 'hex');
  const key = (created: number) => imageKey({ id, owner: 'a.b-c', created }, 3, hash, 'webp');

  expect(key(CREATED)).toBe(`images/a.b-c/2026/01/02/${id}/3-${'ab'.repeat(16)}.webp`);
  expect(key(Date.parse('2026-12-31T23:59:59Z') / 1000)).toContain('/2026/12/31/');
  expect(key(Date.parse('2027-01-01T00:00:00Z') / 1000)).toContain('/2027/01/01/');
});
