/** WEBP, chunk by chunk to the end that RIFF names. Source: WebP Container Specification; RFC 6386, 9.1, for VP8. */
import { type ByteReader, MalformedImage, type Reading, type Size } from './byte-reader.ts';

/** How many bytes of the first chunk hold the size. */
const headBytes: Record<string, number> = { VP8X: 10, VP8L: 5, 'VP8 ': 10 };
const pictures = new Set(['VP8 ', 'VP8L', 'ANMF']);

export function* readWebp(reader: ByteReader): Reading<void> {
  const riff = yield* reader.take(12);
  const end = 8 + riff.readUInt32LE(4);
  let hasPicture = false;
  for (let index = 0; index === 0 || end - reader.position >= 8; index++) {
    const head = yield* reader.take(8);
    const name = head.toString('latin1', 0, 4);
    const chunkEnd = reader.position + head.readUInt32LE(4);
    if (index === 0) yield yield* readSize(reader, name, chunkEnd);
    if (chunkEnd > end) throw new MalformedImage('has a chunk that is longer than the file says');
    if (pictures.has(name)) hasPicture = true;
    // Chunks begin at even bytes; some writers leave the last one's padding away.
    yield* reader.skip(Math.min(chunkEnd + (chunkEnd % 2), end) - reader.position);
  }
  if (!hasPicture) throw new MalformedImage('has no picture chunk');
  yield* reader.skip(end - reader.position);
}

function* readSize(reader: ByteReader, name: string, chunkEnd: number): Reading<Size> {
  const length = headBytes[name];
  if (length === undefined || reader.position + length > chunkEnd) {
    throw new MalformedImage('does not begin with a picture or VP8X');
  }
  const head = yield* reader.take(length);
  if (name === 'VP8X') return { width: 1 + head.readUIntLE(4, 3), height: 1 + head.readUIntLE(7, 3) };
  if (name === 'VP8L') return sizeOfVp8l(head);
  if (head.readUIntBE(3, 3) !== 0x9d012a) throw new MalformedImage('has no VP8 key frame');
  return { width: head.readUInt16LE(6) & 0x3fff, height: head.readUInt16LE(8) & 0x3fff };
}

/** A signature byte, then 14 bits each of width and height less one. */
function sizeOfVp8l(head: Buffer): Size {
  if (head[0] !== 0x2f) throw new MalformedImage('has no VP8L signature');
  const bits = head.readUInt32LE(1);
  return { width: 1 + (bits & 0x3fff), height: 1 + ((bits >>> 14) & 0x3fff) };
}
