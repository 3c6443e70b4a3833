/** Input images: the documented limits, one past each, by URL and by data URI. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createCanvas, loadImage } from '@napi-rs/canvas';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startStandInProviders } from '../../../../infra/local/providers/index.ts';
import { takeInput } from '../../../../infra/local/providers/input-images.ts';
import { settingsFrom } from '../../../../infra/local/providers/options.ts';
import { encodePng, paddedTo } from '../../../../infra/local/providers/pictures/png.ts';
import { eventually } from '../../../support/eventually.ts';
import { StandInClient } from '../../../support/stand-in-client.ts';
import { call, newKey } from './testing.ts';

const never = new AbortController().signal;
const local = settingsFrom({ allowLoopbackInputs: true });
const megabytes10 = 10 * 1024 * 1024;
const files = new Map<string, Buffer>();
let server: Server;
let base: string;

beforeAll(async () => {
  server = createServer((request, response) => {
    const file = files.get(request.url ?? '');
    response.writeHead(file === undefined ? 404 : 200).end(file);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => server.close());

const jpeg = (width: number, height: number) => createCanvas(width, height).encode('jpeg');
const webp = (width: number, height: number) => createCanvas(width, height).encode('webp');
const png = (width: number, height: number, grey = 0) =>
  encodePng(width, height, new Uint8ClampedArray(width * height * 4).fill(grey), 9);
const uri = (bytes: Buffer, type = 'png') => `data:image/${type};base64,${bytes.toString('base64')}`;

describe('takes', () => {
  test.each([
    ['the smallest JPEG', () => jpeg(384, 384)],
    ['the widest PNG', () => png(5000, 384)],
    ['a WEBP', () => webp(400, 400)],
    ['exactly 10 MB', async () => paddedTo(await png(400, 400), megabytes10)],
  ])('%s', async (_, make) => {
    const bytes = await make();

    const image = await takeInput(uri(bytes), local, never);

    expect(image.bytes?.equals(bytes)).toBe(true);
  });
});

describe('refuses', () => {
  test.each([
    ['383 pixels', () => jpeg(384, 383), '384 to 5000'],
    ['5001 pixels', () => png(5001, 384), '384 to 5000'],
    ['a PNG with alpha', () => createCanvas(400, 400).encode('png'), 'transparent'],
    ['10 MB and one byte', async () => paddedTo(await png(400, 400), megabytes10 + 1), '10 MB'],
    ['a text file', async () => Buffer.from('this is text, not a picture'), 'not an image'],
    ['a GIF', async () => Buffer.from('47494638396190019001800000ffffff000000', 'hex'), 'JPEG, PNG'],
  ])('%s', async (_, make, message) => {
    await expect(takeInput(uri(await make()), local, never)).rejects.toThrow(message);
  });

  test('a URL that leads nowhere, unless that is tolerated', async () => {
    const tolerant = { ...local, tolerateUnreachableInputs: true };

    await expect(takeInput(`${base}/none.png`, local, never)).rejects.toThrow('downloaded');
    await expect(takeInput(`${base}/none.png`, tolerant, never)).resolves.toEqual({});
  });

  test('an address on this machine, unless that is allowed', async () => {
    files.set('/ok.png', await png(400, 400));

    await expect(takeInput(`${base}/ok.png`, settingsFrom(), never)).rejects.toThrow('publicly');
    await expect(takeInput(`${base}/ok.png`, local, never)).resolves.toHaveProperty('bytes');
  });
});

test('a bad input fails the task as documented; good ones are drawn in order', async () => {
  const standIns = await startStandInProviders({ delayMs: 10, allowLoopbackInputs: true });
  const key = newKey();
  const control = new StandInClient(standIns.urls.evolink, key);
  files.set('/a.png', await png(400, 400, 255));
  files.set('/b.jpg', await jpeg(500, 400));
  const edit = (...names: string[]) =>
    call(`${standIns.urls.evolink}/v1/images/generations`, key, {
      model: 'wan2.5-image-to-image',
      prompt: 'together',
      image_urls: names.map((name) => `${base}/${name}`),
    });

  for (const names of [
    ['a.png', 'none.png'],
    ['a.png', 'b.jpg'],
    ['b.jpg', 'a.png'],
  ])
    await edit(...names);

  const tasks = await eventually(async () => {
    const all = await control.tasks();
    return all.every(({ completedAt }) => completedAt !== null) ? all : undefined;
  });
  expect(tasks[0]).toMatchObject({ status: 'failed', error: { code: 'image_processing_error' } });
  expect(tasks.slice(1).map(({ status }) => status)).toEqual(['completed', 'completed']);
  expect(await thumbnailsOf(tasks[1]?.results[0])).toEqual(['white', 'black']);
  expect(await thumbnailsOf(tasks[2]?.results[0])).toEqual(['black', 'white']);
  await standIns.close();
});

/** The colours in the middle of the first two inputs, as the picture shows them. */
async function thumbnailsOf(link = ''): Promise<string[]> {
  const picture = await loadImage(Buffer.from(await (await fetch(link)).arrayBuffer()));
  const context = createCanvas(picture.width, picture.height).getContext('2d');
  context.drawImage(picture, 0, 0);
  return [112, 280].map((x) => {
    const [red = 0] = context.getImageData(x, 192, 1, 1).data;
    return red > 200 ? 'white' : red < 20 ? 'black' : 'neither';
  });
}
