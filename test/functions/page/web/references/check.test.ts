/** The documented limits of an input image, against real encoders' heads. */
import { expect, test } from 'vitest';
import {
  headFault,
  isMendable,
  isTransparentPng,
  MAX_BYTES,
  sideFault,
  typeOf,
} from '../../../../../functions/page/web/references/check.ts';

const bytes = (...parts: (string | number[])[]) =>
  Uint8Array.from(
    parts.flatMap((part) => (typeof part === 'string' ? [...Buffer.from(part, 'latin1')] : part)),
  );

const chunk = (name: string, length = 0) => [
  ...[length >>> 24, length >>> 16, length >>> 8, length].map((byte) => byte & 255),
  ...Buffer.from(name),
  ...new Array<number>(length + 4).fill(0),
];
const png = (colourType: number, ...chunks: number[][]) =>
  bytes(
    '\x89PNG\r\n\x1a\n',
    [0, 0, 0, 13],
    'IHDR',
    [0, 0, 4, 0, 0, 0, 4, 0, 8, colourType, 0, 0, 0],
    [0, 0, 0, 0],
    ...chunks,
  );

const jpeg = bytes([0xff, 0xd8, 0xff, 0xe0]);

test.each([
  ['jpeg', jpeg],
  ['png', png(2)],
  ['bmp', bytes('BM....')],
  ['webp', bytes('RIFF....WEBPVP8 ')],
  [undefined, bytes('GIF89a')],
  [undefined, bytes('<svg>')],
  [undefined, bytes('RIFF....WAVE')],
  [undefined, bytes('')],
])('%s by its first bytes', (type, head) => {
  expect(typeOf(head)).toBe(type);
});

test.each([
  ['an alpha channel', png(6, chunk('IDAT', 10)), true],
  ['grey with alpha', png(4, chunk('IDAT', 10)), true],
  [
    'a tRNS chunk behind others',
    png(3, chunk('gAMA', 4), chunk('PLTE', 9), chunk('tRNS', 3), chunk('IDAT', 1)),
    true,
  ],
  ['none', png(2, chunk('gAMA', 4), chunk('IDAT', 10)), false],
  ['tRNS behind the data, which counts for nothing', png(2, chunk('IDAT', 1), chunk('tRNS', 3)), false],
  ['a head that ends early', png(2), false],
  ['no PNG', jpeg, false],
])('transparency: %s', (_, head, is) => {
  expect(isTransparentPng(head)).toBe(is);
});

test('the head and the length of a file tell what is wrong', () => {
  expect(headFault(jpeg, 1000)).toBeUndefined();
  expect(headFault(jpeg, MAX_BYTES)).toBeUndefined();
  expect(headFault(jpeg, MAX_BYTES + 1)).toBe('bytes');
  expect(headFault(bytes('GIF89a'), 10)).toBe('type');
  expect(headFault(png(6), 10)).toBe('transparent');
});

test.each([
  [384, 384, undefined],
  [5000, 5000, undefined],
  [383, 1000, 'side'],
  [1000, 5001, 'side'],
])('%i × %i', (width, height, fault) => {
  expect(sideFault({ width, height })).toBe(fault);
});

test('what is too large can be mended, what is too small or no picture cannot', () => {
  expect(isMendable('side', { width: 6000, height: 4000 })).toBe(true);
  expect(isMendable('transparent', { width: 400, height: 400 })).toBe(true);
  expect(isMendable('side', { width: 300, height: 4000 })).toBe(false);
  expect(isMendable('side', { width: 20_000, height: 1000 })).toBe(false);
  expect(isMendable('unreadable', { width: 0, height: 0 })).toBe(false);
  expect(isMendable('type', { width: 0, height: 0 })).toBe(false);
});
