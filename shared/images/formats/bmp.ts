/** BMP, to the end of its pixels and of the file as its header names them. Source: BITMAPFILEHEADER, BITMAPV5HEADER. */
import { type ByteReader, MalformedImage, type Reading } from './byte-reader.ts';

const CORE_HEADER = 12;
/** By their lengths: OS/2 2 (short and long), Windows 3 and its longer forms, 4 and 5. */
const headers = new Set([CORE_HEADER, 16, 40, 52, 56, 64, 108, 124]);
/** Stored as they are: plain, and two forms with channel masks. The others say themselves how long they are. */
const plain = new Set([0, 3, 6]);

export function* readBmp(reader: ByteReader): Reading<void> {
  const head = yield* reader.take(18);
  const header = head.readUInt32LE(14);
  if (!headers.has(header)) throw new MalformedImage('has an unknown header');
  const { width, height, bitsPerPixel } = yield* readSize(reader, header === CORE_HEADER);
  yield { width, height };

  let pixelBytes = 4 * Math.ceil((width * bitsPerPixel) / 32) * height;
  if (header >= 40) {
    const how = yield* reader.take(8);
    if (!plain.has(how.readUInt32LE(0))) pixelBytes = how.readUInt32LE(4);
  }
  const end = Math.max(head.readUInt32LE(2), head.readUInt32LE(10) + pixelBytes);
  yield* reader.skip(end - reader.position);
}

/** Width, height, planes (always one), bits per pixel. A negative height: rows from the top. */
function* readSize(reader: ByteReader, short: boolean) {
  const fields = yield* reader.take(short ? 8 : 12);
  const [planes, bitsPerPixel] = [
    fields.readUInt16LE(fields.length - 4),
    fields.readUInt16LE(fields.length - 2),
  ];
  if (planes !== 1) throw new MalformedImage('has an impossible number of planes');
  return short
    ? { width: fields.readUInt16LE(0), height: fields.readUInt16LE(2), bitsPerPixel }
    : { width: fields.readInt32LE(0), height: Math.abs(fields.readInt32LE(4)), bitsPerPixel };
}
