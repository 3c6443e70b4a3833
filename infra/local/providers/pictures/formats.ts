/** The image formats that a result may come in beside PNG, and a small picture in each. */
import { createCanvas, type SKRSContext2D } from '@napi-rs/canvas';
import { paintGround } from './ground.ts';

export const formats = ['jpeg', 'webp', 'avif', 'gif', 'bmp', 'tiff', 'heic', 'jxl', 'svg'] as const;
export type Format = (typeof formats)[number];

export type FormattedPicture = { body: Buffer; contentType: string };

type Ground = { width: number; height: number; index: number; seed: string };

/** The picture at `index` in that format; `seed` gives it a colour of its own. HEIC and JPEG XL are headers only. */
export async function formattedPicture(format: Format, ground: Ground): Promise<FormattedPicture> {
  return { body: await encoded(format, ground), contentType: contentTypes[format] };
}

const contentTypes: Record<Format, string> = {
  jpeg: 'image/jpeg',
  webp: 'image/webp',
  avif: 'image/avif',
  gif: 'image/gif',
  bmp: 'image/bmp',
  tiff: 'image/tiff',
  heic: 'image/heic',
  jxl: 'image/jxl',
  svg: 'image/svg+xml',
};

async function encoded(format: Format, ground: Ground): Promise<Buffer> {
  const { width, height, seed } = ground;
  switch (format) {
    case 'bmp':
      return bmp(width, height, pixelsOf(ground));
    case 'tiff':
      return tiff(width, height, pixelsOf(ground));
    case 'heic':
      return heicHeader;
    case 'jxl':
      return jxlHeader;
    case 'svg':
      return Buffer.from(
        `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"><title>${seed}</title></svg>`,
      );
    default:
      return painted(ground).canvas.encode(format as 'jpeg');
  }
}

function painted({ width, height, index, seed }: Ground): SKRSContext2D {
  const context = createCanvas(width, height).getContext('2d');
  paintGround(context, seed, index, { width, height });
  return context;
}

function pixelsOf(ground: Ground): Uint8ClampedArray {
  return painted(ground).getImageData(0, 0, ground.width, ground.height).data;
}

/** 24 bits a pixel, rows from the bottom, each padded to four bytes. */
function bmp(width: number, height: number, rgba: Uint8ClampedArray): Buffer {
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
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const from = (y * width + x) * 4;
      const to = 54 + (height - 1 - y) * row + x * 3;
      bytes[to] = rgba[from + 2] ?? 0;
      bytes[to + 1] = rgba[from + 1] ?? 0;
      bytes[to + 2] = rgba[from] ?? 0;
    }
  }
  return bytes;
}

/** Uncompressed 8-bit RGB in one strip, little-endian: TIFF 6.0, baseline. */
function tiff(width: number, height: number, rgba: Uint8ClampedArray): Buffer {
  const short = 3;
  const long = 4;
  const strip = width * height * 3;
  const tags: [tag: number, type: number, count: number, value: number][] = [
    [256, long, 1, width],
    [257, long, 1, height],
    [258, short, 3, 8 + strip],
    [259, short, 1, 1],
    [262, short, 1, 2],
    [273, long, 1, 8],
    [277, short, 1, 3],
    [278, long, 1, height],
    [279, long, 1, strip],
  ];
  const directory = 8 + strip + 6;
  const bytes = Buffer.alloc(directory + 2 + tags.length * 12 + 4);
  bytes.write('II*\0', 0, 'latin1');
  bytes.writeUInt32LE(directory, 4);
  for (let pixel = 0; pixel < width * height; pixel += 1) {
    for (let channel = 0; channel < 3; channel += 1) {
      bytes[8 + pixel * 3 + channel] = rgba[pixel * 4 + channel] ?? 0;
    }
  }
  for (let channel = 0; channel < 3; channel += 1) bytes.writeUInt16LE(8, 8 + strip + channel * 2);
  bytes.writeUInt16LE(tags.length, directory);
  for (const [place, [tag, type, count, value]] of tags.entries()) {
    const at = directory + 2 + place * 12;
    bytes.writeUInt16LE(tag, at);
    bytes.writeUInt16LE(type, at + 2);
    bytes.writeUInt32LE(count, at + 4);
    bytes.writeUInt32LE(value, at + 8);
  }
  return bytes;
}

/** A `ftyp` box of the brand `heic` and an empty `mdat`: nothing here can encode HEVC. */
const heicHeader = Buffer.concat([
  Buffer.from([0, 0, 0, 24]),
  Buffer.from('ftypheic\0\0\0\0mif1heic', 'latin1'),
  Buffer.from([0, 0, 0, 8]),
  Buffer.from('mdat', 'latin1'),
]);

/** The signature box of a JPEG XL container, its `ftyp` box, and nothing behind. */
const jxlHeader = Buffer.concat([
  Buffer.from([0, 0, 0, 12]),
  Buffer.from('JXL ', 'latin1'),
  Buffer.from([0x0d, 0x0a, 0x87, 0x0a, 0, 0, 0, 20]),
  Buffer.from('ftypjxl \0\0\0\0jxl ', 'latin1'),
]);
