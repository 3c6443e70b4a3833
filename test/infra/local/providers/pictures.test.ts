/** Result images that are cut short, empty, slow, compressed, in another format, or whatever a test needs. */
import { createConnection } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { createCanvas, loadImage } from '@napi-rs/canvas';
import { imageSize } from 'image-size';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type StandInProviders, startStandInProviders } from '../../../../infra/local/providers/index.ts';
import { eventually } from '../../../support/eventually.ts';
import { type FaultInput, StandInClient } from '../../../support/stand-in-client.ts';
import { call, newKey } from './testing.ts';

let standIns: StandInProviders;
let key: string;
let control: StandInClient;

beforeAll(async () => {
  standIns = await startStandInProviders({ delayMs: 10, pictures: 'plain' });
});
afterAll(() => standIns.close());
beforeEach(() => {
  key = newKey();
  control = new StandInClient(standIns.urls.evolink, key);
});

/** The link of a task with one image of 1000x800 under the faults. */
async function linkUnder(...faults: FaultInput[]): Promise<string> {
  for (const fault of faults) await control.addFault(fault);
  await call(`${standIns.urls.evolink}/v1/images/generations`, key, {
    model: 'wan2.5-text-to-image',
    prompt: 'a fox',
    size: '1000x800',
  });
  return eventually(
    async () => (await control.tasks()).find(({ results }) => results.length > 0)?.results[0],
  );
}

async function fetched(link: string) {
  const response = await fetch(link);
  const bytes = Buffer.from(await response.arrayBuffer());
  return { status: response.status, type: response.headers.get('content-type'), bytes, response };
}

test('a file that ends early: half of it, announced as the whole', async () => {
  const link = await linkUnder({ kind: 'picture-cut', keep: 0.5, times: 1 });

  const cut = await fetched(link);
  const whole = await fetched(link);

  expect(cut.status).toBe(200);
  expect(cut.response.headers.get('content-length')).toBe(String(cut.bytes.length));
  expect(cut.bytes).toEqual(whole.bytes.subarray(0, Math.floor(whole.bytes.length / 2)));
  expect(imageSize(cut.bytes)).toMatchObject({ type: 'png', width: 1000 });
  expect(whole.bytes.subarray(-8, -4).toString('latin1')).toBe('IEND');
});

test('a file in another format may end early as well', async () => {
  const link = await linkUnder({ kind: 'picture-format', format: 'jpeg' }, { kind: 'picture-cut' });

  const { bytes } = await fetched(link);

  expect(imageSize(bytes)).toMatchObject({ type: 'jpg', width: 1000, height: 800 });
  expect(bytes.subarray(-2).toString('hex')).not.toBe('ffd9');
});

test('200 and not a byte, once', async () => {
  const link = await linkUnder({ kind: 'picture-empty', times: 1 });

  const empty = await fetched(link);
  const whole = await fetched(link);

  expect([empty.status, empty.type, empty.bytes.length]).toEqual([200, 'image/png', 0]);
  expect(imageSize(whole.bytes)).toMatchObject({ width: 1000 });
});

test.each([
  ['jpeg', 'image/jpeg', 'jpg'],
  ['webp', 'image/webp', 'webp'],
  ['gif', 'image/gif', 'gif'],
  ['bmp', 'image/bmp', 'bmp'],
  ['avif', 'image/avif', 'avif'],
  ['tiff', 'image/tiff', 'tiff'],
  ['svg', 'image/svg+xml', 'svg'],
] as const)('a picture in %s has its size and its content type', async (format, contentType, type) => {
  const link = await linkUnder({ kind: 'picture-format', format });

  const picture = await fetched(link);

  expect(picture.type).toBe(contentType);
  expect(imageSize(picture.bytes)).toMatchObject({ width: 1000, height: 800, type });
});

test.each(['jpeg', 'webp', 'bmp', 'avif', 'gif'] as const)(
  'a picture in %s can be decoded',
  async (format) => {
    const link = await linkUnder({ kind: 'picture-format', format });

    const image = await loadImage((await fetched(link)).bytes);

    const context = createCanvas(1000, 800).getContext('2d');
    context.drawImage(image, 0, 0);
    expect([image.width, image.height]).toEqual([1000, 800]);
    expect([...context.getImageData(500, 400, 1, 1).data]).not.toEqual([0, 0, 0, 0]);
  },
);

test.each([
  ['heic', 'image/heic', 'ftypheic'],
  ['jxl', 'image/jxl', 'JXL '],
] as const)('%s has at least its header', async (format, contentType, magic) => {
  const link = await linkUnder({ kind: 'picture-format', format });

  const picture = await fetched(link);

  expect(picture.type).toBe(contentType);
  expect(picture.bytes.subarray(4, 4 + magic.length).toString('latin1')).toBe(magic);
});

test('compressed although nobody asked', async () => {
  const link = await linkUnder({ kind: 'picture-encoded', encoding: 'gzip' });

  const raw = await rawAnswer(link);

  const [head = '', body] = split(raw);
  expect(head).toMatch(/content-encoding: gzip/i);
  expect(imageSize(gunzipSync(body))).toMatchObject({ type: 'png', width: 1000 });
});

test('drop by drop: the first bytes come long before the last', async () => {
  const link = await linkUnder({ kind: 'picture-drip', bytes: 100, everyMs: 50, times: 1 });

  const reader = (await fetch(link)).body?.getReader();
  const first = await reader?.read();
  const second = await reader?.read();
  await reader?.cancel();

  expect(first?.value).toHaveLength(100);
  expect(second?.value).toHaveLength(100);
  expect(imageSize((await fetched(link)).bytes)).toMatchObject({ width: 1000 });
});

test('the very bytes that a test hands over', async () => {
  const bytes = Buffer.from('89504e470d0a1a0a00ff', 'hex');
  const link = await linkUnder(
    { kind: 'picture-body', base64: bytes.toString('base64') },
    { kind: 'picture-type', contentType: 'image/x-anything' },
  );

  const picture = await fetched(link);

  expect(picture.bytes).toEqual(bytes);
  expect(picture.type).toBe('image/x-anything');
});

/** The answer byte by byte, as no HTTP client changed it. */
function rawAnswer(link: string): Promise<Buffer> {
  const { hostname, port, pathname, search } = new URL(link);
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    createConnection(Number(port), hostname)
      .on('data', (chunk) => chunks.push(chunk))
      .on('error', reject)
      .on('end', () => resolve(Buffer.concat(chunks)))
      .end(`GET ${pathname}${search} HTTP/1.1\r\nHost: ${hostname}\r\nConnection: close\r\n\r\n`);
  });
}

function split(answer: Buffer): [head: string, body: Buffer] {
  const end = answer.indexOf('\r\n\r\n');
  return [answer.subarray(0, end).toString(), answer.subarray(end + 4)];
}
