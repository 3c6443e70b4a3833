/** Input images and wan26_i2i's documented codes, through the HTTP API: refused before anyone pays. */

import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createCanvas } from '@napi-rs/canvas';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ProblemAnswer, startSystem } from './system.ts';

const system = await startSystem();

const canvas = (width: number, height: number) => {
  const drawn = createCanvas(width, height);
  const context = drawn.getContext('2d');
  context.fillStyle = 'teal';
  context.fillRect(0, 0, width, height);
  return drawn;
};
const jpeg = (width: number, height: number) => canvas(width, height).toBuffer('image/jpeg');
const uri = (bytes: Buffer, mime = 'image/jpeg') => `data:${mime};base64,${bytes.toString('base64')}`;
const good = uri(jpeg(400, 400));

const request = (content: unknown, parameters?: object) => ({
  model: 'wan26_i2i',
  input: { messages: [{ role: 'user', content }] },
  ...(parameters && { parameters }),
});
const edit = (images: readonly string[], parameters?: object, prompt = 'edit') =>
  request([{ text: prompt }, ...images.map((image) => ({ image }))], parameters);

async function expectRefused(body: unknown, code: string, param: RegExp): Promise<void> {
  const answer = await system.submit<ProblemAnswer>(body);

  expect(answer).toMatchObject({ status: 400, body: { error: { code, type: 'invalid_request_error' } } });
  expect(answer.body.error.param).toMatch(param);
  expect(await system.records()).toEqual([]);
  expect((await system.vtrix.calls()).requests).toEqual([]);
}

describe('refused', () => {
  test.each<[string, unknown]>([
    ['001021001', { model: 'wan26_i2i' }],
    ['001021002', { model: 'wan26_i2i', input: { messages: [] } }],
    ['001021003', { model: 'wan26_i2i', input: { messages: [{ role: 'system', content: [] }] } }],
    ['001021004', request('a text')],
    ['001021005', request([{ text: 'a' }, { text: 'b' }, { image: good }])],
    ['001021006', edit([good], {}, '字'.repeat(2001))],
    ['001021007', edit([good, good], { enable_interleave: true })],
    ['001021008', edit([])],
    ['001021009', edit([good], { negative_prompt: 'x'.repeat(501) })],
    ['001021010', edit([], { enable_interleave: true, n: 2 })],
    ['001021011', edit([good], { n: 5 })],
    ['001021012', edit([good], { max_images: 2 })],
    ['001021013', edit([], { enable_interleave: true, max_images: 6 })],
    ['001021014', edit([good], { seed: 2147483648 })],
    ['001021015', edit([good], { size: '1280x1280' })],
    ['001021016', edit([good], { size: '1281*1280' })],
    ['001021017', edit([good], { size: '1600*380' })],
    ['001021018', edit([good], { size: '1000.5*1000' })],
  ])('%s', (code, body) => expectRefused(body, code, /^(input|parameters)/));

  test.each<[string, unknown, RegExp]>([
    ['an unknown key beside text', request([{ text: 'a', style: 'b' }, { image: good }]), /content\[0\]/],
    ['an object with both', request([{ text: 'a', image: good }]), /content\[0\]/],
    ['the wrong type', edit([`data:image/gif;base64,${'A'.repeat(8)}`]), /content\[1\]\.image/],
    ['broken base64', edit(['data:image/png;base64,A*B=']), /content\[1\]\.image/],
    [
      'a text called PNG',
      edit([uri(Buffer.from('hello, I am a picture'), 'image/png')]),
      /content\[1\]\.image/,
    ],
    [
      'a PNG with alpha',
      edit([uri(createCanvas(400, 400).toBuffer('image/png'), 'image/png')]),
      /content\[1\]\.image/,
    ],
    ['383 px', edit([good, uri(jpeg(383, 400))]), /content\[2\]\.image/],
    ['5001 px', edit([uri(jpeg(400, 5001))]), /content\[1\]\.image/],
  ])('%s', (_what, body, param) => expectRefused(body, 'invalid_parameters', param));

  test('a body over 6 MB: 413 or 400, with a message', async () => {
    const answer = await system.submit<ProblemAnswer & { message?: string }>(
      edit([uri(Buffer.alloc(4_800_000))]),
    );

    expect([400, 413]).toContain(answer.status);
    expect(answer.body.error?.message ?? answer.body.message).toBeTruthy();
    expect(await system.records()).toEqual([]);
  });
});

describe('images at addresses', () => {
  let server: Server;
  let base: string;
  const files: Record<string, Buffer> = {
    '/good.jpg': jpeg(400, 400),
    '/small.jpg': jpeg(383, 383),
    '/text.png': Buffer.from('not a picture at all'),
  };

  beforeAll(async () => {
    server = createServer((incoming, response) => {
      if (incoming.url === '/huge.jpg') {
        response.setHeader('content-length', 10 * 1024 * 1024 + 1);
        response.write(files['/good.jpg']);
        return;
      }
      const file = files[incoming.url ?? ''];
      response.statusCode = file ? 200 : 404;
      response.end(file);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });

  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  test.each(['small.jpg', 'text.png'])('%s is refused by its bytes', (file) =>
    expectRefused(edit([`${base}/${file}`]), 'invalid_parameters', /content\[1\]\.image/),
  );

  test('10 MB and one byte is refused by its announced size', async () => {
    const answer = await system.submit<ProblemAnswer>(edit([`${base}/huge.jpg`]));

    expect(answer).toMatchObject({
      status: 400,
      body: { error: { message: expect.stringContaining('10 MB') } },
    });
  });

  test('a host that cannot be reached is left to the provider to judge', async () => {
    const answer = await system.submit(edit(['http://127.0.0.1:9/none.jpg'], {}, 'unreachable'));
    const task = await system.ended(answer.body.id);

    expect(answer.status).toBe(200);
    expect(task.status).toBe('failed');
  });
});

test('four 2 MP JPEGs inside the request, and memory stays within the setting', async () => {
  const photo = uri(noisyJpeg(1632, 1224));
  const body = edit([photo, photo, photo, photo], {}, 'four photographs');

  const answer = await system.submit(body);
  const task = await system.ended(answer.body.id);

  expect(Buffer.byteLength(JSON.stringify(body))).toBeGreaterThan(2_000_000);
  expect(answer.status).toBe(200);
  expect(task.status).toBe('completed');
  const { peakBytes, memoryMb } = system.cloud.function('Submit');
  expect(peakBytes / 2 ** 20).toBeLessThan(memoryMb);
});

/** Noise, so that it is as large as a photograph of its size. */
function noisyJpeg(width: number, height: number): Buffer {
  const drawn = createCanvas(width, height);
  const context = drawn.getContext('2d');
  const pixels = context.createImageData(width, height);
  let seed = 1;
  for (let at = 0; at < pixels.data.length; at++) {
    seed = (seed * 1103515245 + 12345) % 2147483648;
    pixels.data[at] = at % 4 === 3 ? 255 : 96 + ((seed >> 16) % 64);
  }
  context.putImageData(pixels, 0, 0);
  return drawn.toBuffer('image/jpeg', 80);
}
