/** GIF, block by block to the trailer. Source: the GIF89a specification, 15 to 27. */
import { type ByteReader, MalformedImage, type Reading } from './byte-reader.ts';

const EXTENSION = 0x21;
const IMAGE = 0x2c;
const TRAILER = 0x3b;

export function* readGif(reader: ByteReader): Reading<void> {
  const head = yield* reader.take(13);
  yield { width: head.readUInt16LE(6), height: head.readUInt16LE(8) };
  yield* skipColourTable(reader, head[10]!);
  let hasImage = false;
  while (true) {
    const block = (yield* reader.take(1))[0];
    if (block === TRAILER) break;
    if (block === IMAGE) {
      hasImage = true;
      yield* skipColourTable(reader, (yield* reader.take(9))[8]!);
    } else if (block !== EXTENSION) {
      throw new MalformedImage(`has no block at byte ${reader.position - 1}`);
    }
    // An extension's label, or the image's code size; the data of both come in sub-blocks.
    yield* reader.skip(1);
    yield* skipSubBlocks(reader);
  }
  if (!hasImage) throw new MalformedImage('has no image block');
}

/** The highest bit says that there is a table, the lowest three how long it is. */
function* skipColourTable(reader: ByteReader, flags: number): Reading<void> {
  if (flags & 0x80) yield* reader.skip(3 * 2 ** ((flags & 7) + 1));
}

/** Each begins with its length; the last has none. */
function* skipSubBlocks(reader: ByteReader): Reading<void> {
  while (true) {
    const length = (yield* reader.take(1))[0]!;
    if (length === 0) return;
    yield* reader.skip(length);
  }
}
