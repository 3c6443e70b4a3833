/** Where a HEIF file's items are: the `iloc` box. Source: ISO/IEC 14496-12, 8.11.3. */
import { type ByteReader, MalformedImage, type Reading } from './byte-reader.ts';
import { readUint } from './iso-boxes.ts';

/** How many bytes the box's fields have; versions differ. */
interface Widths {
  readonly item: number;
  /** How an item is stored: in the file (0), in the meta box (1), in another item (2). Since version 1. */
  readonly method: number;
  readonly base: number;
  readonly index: number;
  readonly offset: number;
  readonly length: number;
}

/** Reads the whole box. @returns where the last of all items ends in the file */
export function* endOfItems(reader: ByteReader): Reading<number> {
  const head = yield* reader.take(6);
  const version = head[0]!;
  const widths: Widths = {
    item: version < 2 ? 2 : 4,
    method: version === 0 ? 0 : 2,
    base: head[5]! >> 4,
    index: version === 0 ? 0 : head[5]! & 15,
    offset: head[4]! >> 4,
    length: head[4]! & 15,
  };
  if (
    ![widths.base, widths.index, widths.offset, widths.length].every((width) => [0, 4, 8].includes(width))
  ) {
    throw new MalformedImage('has an item table with impossible fields');
  }
  const items = readUint(yield* reader.take(widths.item));
  if (items === 0) throw new MalformedImage('has no items');
  let end = 0;
  for (let count = 0; count < items; count++) end = Math.max(end, yield* endOfItem(reader, widths));
  return end;
}

/** @returns 0 for an item that is not in the file itself */
function* endOfItem(reader: ByteReader, widths: Widths): Reading<number> {
  yield* reader.skip(widths.item);
  const method = readUint(yield* reader.take(widths.method)) & 15;
  const dataReference = readUint(yield* reader.take(2));
  const base = readUint(yield* reader.take(widths.base));
  const extents = readUint(yield* reader.take(2));
  let end = 0;
  for (let count = 0; count < extents; count++) {
    yield* reader.skip(widths.index);
    const offset = readUint(yield* reader.take(widths.offset));
    const length = readUint(yield* reader.take(widths.length));
    end = Math.max(end, base + offset + length);
  }
  return method === 0 && dataReference === 0 ? end : 0;
}
