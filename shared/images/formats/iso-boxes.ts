/** Boxes of the ISO base media file format, of which AVIF, HEIC and JPEG XL files consist. Source: ISO/IEC 14496-12, 4.2. */
import { type ByteReader, MalformedImage, type Reading } from './byte-reader.ts';

export interface Box {
  readonly type: string;
  /** Where it ends in the file; infinite when it lasts to the end of the file. */
  readonly end: number;
}

/** Length (4, itself included; 1: eight bytes behind the type; 0: to the end of the file), type (4). */
export function* readBoxHeader(reader: ByteReader): Reading<Box> {
  const start = reader.position;
  const head = yield* reader.take(8);
  const type = head.toString('latin1', 4, 8);
  let length = head.readUInt32BE(0);
  if (length === 0) return { type, end: Number.POSITIVE_INFINITY };
  if (length === 1) length = readUint(yield* reader.take(8));
  if (start + length < reader.position) throw new MalformedImage(`has an impossible box at byte ${start}`);
  return { type, end: start + length };
}

/** Reads what a box consists of. `read` gets each child and may leave any part of it. */
export function* readChildren(
  reader: ByteReader,
  parent: Box,
  read: (child: Box) => Reading<void>,
): Reading<void> {
  while (reader.position < parent.end) {
    const child = yield* readBoxHeader(reader);
    if (child.end > parent.end) throw new MalformedImage('has a box that is longer than the one around it');
    yield* read(child);
    yield* skipRest(reader, child);
  }
}

/** @throws MalformedImage when more was read than the box has */
export function* skipRest(reader: ByteReader, { end }: Box): Reading<void> {
  if (reader.position > end) throw new MalformedImage('has a box that is too short for what it holds');
  yield* reader.skip(end - reader.position);
}

/** An unsigned integer of 0, 1, 2, 3, 4 or 8 bytes; beyond 2⁵³ only nearly. */
export function readUint(bytes: Buffer): number {
  if (bytes.length === 0) return 0;
  return bytes.length === 8 ? Number(bytes.readBigUInt64BE(0)) : bytes.readUIntBE(0, bytes.length);
}
