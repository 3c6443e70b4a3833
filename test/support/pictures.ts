/** Small real images, and PNGs crafted byte by byte where an encoder gives no choice. */
import { deflateSync } from 'node:zlib';
import { createCanvas } from '@napi-rs/canvas';
import { colourTypes, pngChunk, pngFile } from '../../infra/local/providers/pictures/png.ts';

export { colourTypes, pngChunk };

const channels: Record<number, number> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };

export interface PngShape {
  readonly width?: number;
  readonly height?: number;
  readonly colourType?: number;
  /** Chunks between the header and the data; a palette is added by itself. */
  readonly chunks?: readonly Buffer[];
  /** Appended after the end, to reach a size in bytes. */
  readonly padding?: number;
}

/** A black 8-bit PNG. */
export function png({ width = 400, height = 400, colourType = 2, chunks = [], padding = 0 }: PngShape = {}) {
  const palette = colourType === colourTypes.palette ? [pngChunk('PLTE', Buffer.alloc(3))] : [];
  const rows = Buffer.alloc((width * (channels[colourType] ?? 1) + 1) * height);
  const data = pngChunk('IDAT', deflateSync(rows, { level: 1 }));
  return Buffer.concat([
    pngFile({ width, height, colourType }, [...palette, ...chunks, data]),
    Buffer.alloc(padding),
  ]);
}

/** A 24-bit BMP, which the canvas cannot write; black without pixels. */
export function bmp(width = 400, height = 400, pixels: ArrayLike<number> = []): Buffer {
  const row = Math.ceil((width * 3) / 4) * 4;
  const bytes = Buffer.alloc(54 + row * height);
  bytes.write('BM', 0, 'latin1');
  bytes.writeUInt32LE(bytes.length, 2);
  bytes.writeUInt32LE(54, 10);
  bytes.writeUInt32LE(40, 14);
  bytes.writeInt32LE(width, 18);
  bytes.writeInt32LE(height, 22);
  bytes.writeUInt16LE(1, 26);
  bytes.writeUInt16LE(24, 28);
  for (let at = 54; at < bytes.length; at++) bytes[at] = pixels[at - 54] ?? 0;
  return bytes;
}

export const jpeg = (width = 400, height = 400): Buffer => createCanvas(width, height).toBuffer('image/jpeg');
export const webp = (width = 400, height = 400): Buffer => createCanvas(width, height).toBuffer('image/webp');
export const avif = (width = 400, height = 400): Buffer => createCanvas(width, height).toBuffer('image/avif');

/** A file with a picture in it, so that no two parts of its data are alike. */
export function painted(
  type: 'png' | 'jpeg' | 'webp' | 'avif' | 'gif' | 'bmp',
  width = 96,
  height = 64,
): Buffer {
  const canvas = createCanvas(width, height);
  const context = canvas.getContext('2d');
  const { data } = context.createImageData(width, height);
  for (let at = 0; at < data.length; at++) data[at] = at % 4 === 3 ? 255 : (at * at * 31 + at * 7) % 251;
  if (type === 'bmp') return bmp(width, height, data);
  const pixels = context.createImageData(width, height);
  pixels.data.set(data);
  context.putImageData(pixels, 0, 0);
  // The encoder's types name each format apart.
  return type === 'gif' ? canvas.toBuffer('image/gif') : canvas.toBuffer(`image/${type}` as 'image/png');
}

/** The smallest GIF there is. */
export const gif = Buffer.from(
  '47494638396101000100800000ffffff00000021f90401000000002c00000000010001000002024401003b',
  'hex',
);

export const svg = Buffer.from(
  '<svg xmlns="http://www.w3.org/2000/svg" width="400" height="400"><script/></svg>',
);

export const dataUri = (bytes: Buffer, mime = 'image/png'): string =>
  `data:${mime};base64,${bytes.toString('base64')}`;
