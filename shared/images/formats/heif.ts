/**
 * AVIF and HEIC: the primary item's size, and whether the file reaches as far as its items do.
 * Source: ISO/IEC 23008-12 (HEIF), 6 and 9; ISO/IEC 14496-12, 8.11.
 *
 *   ftyp   meta ┬ pitm: which item is the image                                        mdat: the items' bytes
 *               ├ iloc: where every item's bytes are ─────────────────────────────────► (anywhere in the file)
 *               └ iprp ┬ ipco: properties, counted from 1: `ispe` (a size), `clap` (what of it is shown), …
 *                      └ ipma: which item has which properties
 */
import { type ByteReader, ImageCutShort, MalformedImage, type Reading, type Size } from './byte-reader.ts';
import { endOfItems } from './heif-items.ts';
import { type Box, readBoxHeader, readChildren, readUint, skipRest } from './iso-boxes.ts';

/** More would only cost memory: a grid of 256 tiles has 257 items. */
const MAX_ITEMS = 10_000;

interface Property extends Size {
  readonly isCrop: boolean;
}

interface Meta {
  primary?: number;
  /** Where the last byte of any item is; nothing when no item has any. */
  itemsEnd?: number;
  readonly properties: Map<number, Property>;
  readonly sizes: Map<number, Size>;
}

export function* readHeif(reader: ByteReader): Reading<void> {
  let itemsEnd: number | undefined;
  while (itemsEnd === undefined || reader.position < itemsEnd) {
    const box = yield* readBoxHeader(reader);
    if (box.type === 'meta') itemsEnd = yield* readMeta(reader, box);
    // The last box may last to the end of the file: then the items say where that is.
    if (box.end < Number.POSITIVE_INFINITY) yield* skipRest(reader, box);
    else if (itemsEnd === undefined) throw new ImageCutShort('ends before its meta box');
    else yield* reader.skip(itemsEnd - reader.position);
  }
}

/** @returns where the last item ends */
function* readMeta(reader: ByteReader, box: Box): Reading<number> {
  const meta: Meta = { properties: new Map(), sizes: new Map() };
  yield* reader.skip(4);
  yield* readChildren(reader, box, function* ({ type, end }) {
    if (type === 'pitm') meta.primary = yield* readPrimary(reader);
    if (type === 'iloc') meta.itemsEnd = yield* endOfItems(reader);
    if (type === 'iprp') {
      yield* readChildren(reader, { type, end }, (child) => readProperties(reader, child, meta));
    }
  });
  const size = meta.primary === undefined ? undefined : meta.sizes.get(meta.primary);
  if (!size) throw new MalformedImage('names no size');
  yield size;
  if (meta.itemsEnd === undefined) throw new MalformedImage('does not say where its picture is');
  return meta.itemsEnd;
}

/** Version (1), flags (3), the item's number (2, or 4 from version 1 on). */
function* readPrimary(reader: ByteReader): Reading<number> {
  const version = (yield* reader.take(4))[0];
  return readUint(yield* reader.take(version === 0 ? 2 : 4));
}

function* readProperties(reader: ByteReader, box: Box, meta: Meta): Reading<void> {
  if (box.type === 'ipma') return yield* readAssociations(reader, meta);
  if (box.type !== 'ipco') return;
  let index = 0;
  yield* readChildren(reader, box, function* ({ type }) {
    if (++index > MAX_ITEMS) throw new MalformedImage('has too many properties');
    if (type === 'ispe') meta.properties.set(index, yield* readSize(reader));
    if (type === 'clap') meta.properties.set(index, yield* readCrop(reader));
  });
}

/** Version and flags (4), width, height. */
function* readSize(reader: ByteReader): Reading<Property> {
  const fields = yield* reader.take(12);
  return { width: fields.readUInt32BE(4), height: fields.readUInt32BE(8), isCrop: false };
}

/** Width and height, each a numerator and a denominator; then where it lies. */
function* readCrop(reader: ByteReader): Reading<Property> {
  const fields = yield* reader.take(16);
  const side = (at: number) => Math.floor(fields.readUInt32BE(at) / (fields.readUInt32BE(at + 4) || 1));
  return { width: side(0), height: side(8), isCrop: true };
}

/** For each item: its number, and each property's, whose highest bit says whether it is essential. */
function* readAssociations(reader: ByteReader, meta: Meta): Reading<void> {
  const head = yield* reader.take(8);
  const [itemBytes, propertyBytes] = [head[0] === 0 ? 2 : 4, head[3]! & 1 ? 2 : 1];
  const items = head.readUInt32BE(4);
  if (items > MAX_ITEMS) throw new MalformedImage('has too many items');
  for (let count = 0; count < items; count++) {
    const item = readUint(yield* reader.take(itemBytes));
    const properties = (yield* reader.take(1))[0]!;
    for (let nth = 0; nth < properties; nth++) {
      const property = readUint(yield* reader.take(propertyBytes)) & (2 ** (8 * propertyBytes - 1) - 1);
      const size = meta.properties.get(property);
      if (size?.isCrop || (size && !meta.sizes.has(item))) meta.sizes.set(item, size);
    }
  }
}
