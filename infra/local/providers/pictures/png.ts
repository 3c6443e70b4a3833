/**
 * PNG without an alpha channel, which the canvas's own encoder cannot write: the models refuse inputs with
 * transparency, and a result must be usable as the next input. Compression runs off the main thread.
 */
import { promisify } from 'node:util';
import { crc32, deflate } from 'node:zlib';

/** The colour types of the PNG specification (11.2.1). */
export const colourTypes = { grey: 0, rgb: 2, palette: 3, greyAlpha: 4, rgba: 6 } as const;

const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const endLength = 12;
const compress = promisify<Buffer, { level: number }, Buffer>(deflate);

/** A PNG of 8-bit RGB from RGBA pixels, four bytes each, rows from the top. */
export async function encodePng(
  width: number,
  height: number,
  rgba: Uint8ClampedArray,
  level: number,
): Promise<Buffer> {
  const rows = Buffer.alloc((width * 3 + 1) * height);
  let to = 0;
  for (let from = 0; from < rgba.length; from += 4) {
    if (from % (width * 4) === 0) to += 1;
    rows[to] = rgba[from] ?? 0;
    rows[to + 1] = rgba[from + 1] ?? 0;
    rows[to + 2] = rgba[from + 2] ?? 0;
    to += 3;
  }
  const data = pngChunk('IDAT', await compress(rows, { level }));
  return pngFile({ width, height, colourType: colourTypes.rgb }, [data]);
}

/** A PNG of 8 bits a channel: the header, the given chunks, the end. */
export function pngFile(
  { width, height, colourType }: { width: number; height: number; colourType: number },
  chunks: readonly Buffer[],
): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, colourType, 0, 0, 0], 8);
  return Buffer.concat([signature, pngChunk('IHDR', header), ...chunks, pngChunk('IEND', Buffer.alloc(0))]);
}

/** The same picture with a comment in it, and so with bytes of its own. `comment` is Latin text. */
export function withComment(png: Buffer, comment: string): Buffer {
  return withChunk(png, pngChunk('tEXt', Buffer.from(`Comment\0${comment}`, 'latin1')));
}

/** The same picture, exactly `bytes` long. Throws when it is longer already. */
export function paddedTo(png: Buffer, bytes: number): Buffer {
  const filling = bytes - png.length - endLength;
  if (filling < 0) throw new RangeError(`A picture of ${png.length} bytes cannot be padded to ${bytes}.`);
  return withChunk(png, pngChunk('paDd', Buffer.alloc(filling, 0x20)));
}

function withChunk(png: Buffer, added: Buffer): Buffer {
  const end = png.length - endLength;
  return Buffer.concat([png.subarray(0, end), added, png.subarray(end)]);
}

/** A chunk with its length and its CRC; `type` is four Latin letters. */
export function pngChunk(type: string, data: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const framed = Buffer.alloc(named.length + 8);
  framed.writeUInt32BE(data.length, 0);
  named.copy(framed, 4);
  framed.writeUInt32BE(crc32(named), named.length + 4);
  return framed;
}
