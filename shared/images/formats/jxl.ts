/**
 * JPEG XL: a bare codestream, or boxes around one. Source: ISO/IEC 18181-1, annex D (SizeHeader); 18181-2, 4.
 *
 * Boxes are read to the end of the file; a codestream's own end is written nowhere but in its compressed data.
 */
import { type ByteReader, ImageCutShort, MalformedImage, type Reading, type Size } from './byte-reader.ts';
import { type Box, readBoxHeader, skipRest } from './iso-boxes.ts';

/** The signature and the longest size there is. */
const HEAD_BYTES = 11;
const LAST = 2 ** 31;

export function* readJxl(reader: ByteReader): Reading<void> {
  if ((yield* reader.peek(1))[0] === 0xff) {
    yield sizeIn(yield* reader.peek(HEAD_BYTES));
    return;
  }
  let hasLast = false;
  while (!(hasLast && (yield* reader.peek(1)).length === 0)) {
    const box = yield* readBoxHeader(reader);
    if (box.type === 'jxlc' || box.type === 'jxlp') hasLast = yield* readCodestream(reader, box);
    if (box.end < Number.POSITIVE_INFINITY) yield* skipRest(reader, box);
    else if (hasLast) return;
    else throw new MalformedImage('has no end of its codestream');
  }
}

/** Whole (`jxlc`), or in numbered parts (`jxlp`), of which the last has the highest bit set. @returns whether it ends here */
function* readCodestream(reader: ByteReader, { type }: Box): Reading<boolean> {
  const number = type === 'jxlp' ? (yield* reader.take(4)).readUInt32BE(0) : LAST;
  if (type === 'jxlc' || number % LAST === 0) yield sizeIn(yield* reader.peek(HEAD_BYTES));
  return number >= LAST;
}

/** Width for a height, by the ratio's number; 0 says that the width itself follows. */
const ratios: readonly (readonly [number, number])[] = [
  [1, 1],
  [6, 5],
  [4, 3],
  [3, 2],
  [16, 9],
  [5, 4],
  [2, 1],
];

function sizeIn(head: Buffer): Size {
  if (head.length < HEAD_BYTES) throw new ImageCutShort('ends before its size');
  if (head.readUInt16BE(0) !== 0xff0a) throw new MalformedImage('has no codestream');
  const bits = bitsOf(head.subarray(2));
  const isSmall = bits(1) === 1;
  const height = isSmall ? 8 * (bits(5) + 1) : 1 + bits([9, 13, 18, 30][bits(2)]!);
  const ratio = ratios[bits(3) - 1];
  if (ratio) return { width: Math.floor((height * ratio[0]) / ratio[1]), height };
  return { width: isSmall ? 8 * (bits(5) + 1) : 1 + bits([9, 13, 18, 30][bits(2)]!), height };
}

/** Takes so many bits at a time, the lowest of each byte first. */
function bitsOf(bytes: Buffer): (count: number) => number {
  let at = 0;
  return (count) => {
    let value = 0;
    for (let bit = 0; bit < count; bit++, at++) value += ((bytes[at >> 3]! >> (at & 7)) & 1) * 2 ** bit;
    return value;
  };
}
