/** The page as it is built for its function. */
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { buildPage } from '../../../infra/page/build-page.ts';

const MOST_BYTES = 60_000;

const files = await buildPage();
const bytesOf = (base64: string) => Buffer.from(base64, 'base64').length;
const sum = (numbers: readonly number[]) => numbers.reduce((all, one) => all + one, 0);

test('is a document, a script, a style sheet and an icon', () => {
  expect(files.map(({ name, contentType }) => [name.replace(/-[0-9a-f]{16}/, '-#'), contentType])).toEqual([
    ['', 'text/html; charset=utf-8'],
    ['main-#.js', 'text/javascript; charset=utf-8'],
    ['main-#.css', 'text/css; charset=utf-8'],
    ['icon-#.svg', 'image/svg+xml; charset=utf-8'],
  ]);
});

test(`weighs no more than ${MOST_BYTES} bytes compressed, in either encoding`, () => {
  for (const encoding of ['br', 'gzip'] as const) {
    expect(sum(files.map((file) => bytesOf(file[encoding])))).toBeLessThanOrEqual(MOST_BYTES);
  }
});

test('is the same in every encoding', () => {
  for (const { text, br, gzip } of files) {
    expect(brotliDecompressSync(Buffer.from(br, 'base64')).toString()).toBe(text);
    expect(gunzipSync(Buffer.from(gzip, 'base64')).toString()).toBe(text);
  }
});

test('its document names each file by its hash, and holds no script, style or foreign address', () => {
  const [document, ...assets] = files;
  const { text } = document!;

  const named = [...text.matchAll(/(?:href|src)="([^"]*)"/g)].map(([, address]) => address);
  expect(named.toSorted()).toEqual(assets.map(({ name }) => `/assets/${name}`).toSorted());
  expect(text).not.toMatch(/<style|\sstyle=|\son\w+=|<script[^>]*>\s*[^<\s]/);
});

test('its script holds no schema library', () => {
  const script = files.find(({ name }) => name.endsWith('.js'))!.text;
  expect(script).not.toMatch(/ZodMini|\$ZodType|safeParse/);
});

test('two builds of the same sources are the same, so that a deployment changes only what has changed', async () => {
  expect(await buildPage()).toEqual(files);
});
