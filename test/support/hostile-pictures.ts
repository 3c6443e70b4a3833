/** Files made to cost a parser more than they weigh: as many of the smallest parts as fit, and claims of sizes. */
import { bmp, painted, pngChunk } from './pictures.ts';

const u32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
};

/** A box of the ISO base media file format. */
export const isoBox = (type: string, ...content: readonly Buffer[]): Buffer => {
  const data = Buffer.concat(content);
  return Buffer.concat([u32(8 + data.length), Buffer.from(type, 'latin1'), data]);
};
const fullBox = (type: string, ...content: readonly Buffer[]) => isoBox(type, Buffer.alloc(4), ...content);

/** As many copies as fit into so many bytes. */
const filled = (bytes: number, part: Buffer): Buffer =>
  Buffer.alloc(Math.floor(bytes / part.length) * part.length, part);

const ftyp = isoBox('ftyp', Buffer.from('avif\0\0\0\0avifmif1'));
const ispe = fullBox('ispe', u32(400), u32(400));
const avifOf = (...properties: readonly Buffer[]) =>
  Buffer.concat([ftyp, fullBox('meta', fullBox('pitm', Buffer.from([0, 1])), isoBox('iprp', ...properties))]);

/** One of so many properties, of which so many items have the first: a size. */
export const avifOfItems = (properties: number, items: number): Buffer =>
  avifOf(
    isoBox('ipco', ispe, ...Array.from({ length: properties - 1 }, () => isoBox('free'))),
    fullBox(
      'ipma',
      u32(items),
      ...Array.from({ length: items }, (_, nth) => Buffer.of((nth + 1) >> 8, (nth + 1) & 255, 1, 1)),
    ),
  );

/** The one that image-size 2.1.0 needs a time for that grows with the square of its length: 29 s for 1.3 MB. */
export const avifOfSizes = (bytes: number): Buffer => avifOf(isoBox('ipco', filled(bytes, ispe)));

const webpHead = Buffer.concat([
  Buffer.from('RIFF\xff\xff\xff\xffWEBPVP8X\x0a\0\0\0', 'latin1'),
  Buffer.from([0, 0, 0, 0, 0xff, 1, 0, 0xff, 1, 0]),
]);
const gifHead = Buffer.from('GIF89a\x90\x01\x90\x01\0\0\0', 'latin1');
const tiffHead = Buffer.from('II*\0\x08\0\0\0\xff\xff', 'latin1');
const jxlHead = Buffer.from('\0\0\0\x0cJXL \r\n\x87\n', 'latin1');

/** By what they are made of; each begins like an image. */
export const hostile: Readonly<Record<string, (bytes: number) => Buffer>> = {
  'a PNG of empty chunks': (bytes) =>
    Buffer.concat([painted('png').subarray(0, 33), filled(bytes, pngChunk('tEXt', Buffer.alloc(0)))]),
  'a PNG whose chunk claims 2 GB': (bytes) =>
    Buffer.concat([
      painted('png').subarray(0, 33),
      u32(2 ** 31 - 1),
      Buffer.from('IDAT'),
      Buffer.alloc(bytes),
    ]),
  'a JPEG of empty segments': (bytes) =>
    Buffer.concat([Buffer.from('ffd8', 'hex'), filled(bytes, Buffer.from('ffe00002', 'hex'))]),
  'a JPEG of fill bytes': (bytes) => Buffer.concat([Buffer.from('ffd8', 'hex'), Buffer.alloc(bytes, 0xff)]),
  'a JPEG of stuffed bytes': (bytes) =>
    Buffer.concat([Buffer.from('ffd8ff', 'hex'), filled(bytes, Buffer.from('ff00', 'hex'))]),
  'a JPEG of starts of scans': (bytes) =>
    Buffer.concat([Buffer.from('ffd8', 'hex'), filled(bytes, Buffer.from('ffda0002', 'hex'))]),
  'a WEBP of empty chunks': (bytes) => Buffer.concat([webpHead, filled(bytes, Buffer.from('ANMF\0\0\0\0'))]),
  'a GIF of sub-blocks of one byte': (bytes) =>
    Buffer.concat([gifHead, Buffer.from([0x21, 0xfe]), filled(bytes, Buffer.from([1, 0x20]))]),
  'a GIF of empty extensions': (bytes) =>
    Buffer.concat([gifHead, filled(bytes, Buffer.from([0x21, 0xfe, 0]))]),
  'a BMP that claims 2³¹ × 2³¹ pixels': (bytes) => {
    const claimed = Buffer.concat([bmp(1, 1), Buffer.alloc(bytes)]);
    claimed.writeInt32LE(2 ** 31 - 1, 18);
    claimed.writeInt32LE(-(2 ** 31), 22);
    return claimed;
  },
  'an AVIF of sizes': avifOfSizes,
  'an AVIF of empty boxes': (bytes) => Buffer.concat([ftyp, filled(bytes, isoBox('free'))]),
  'an AVIF of empty properties': (bytes) => avifOf(isoBox('ipco', filled(bytes, isoBox('free')))),
  'an AVIF of associations': (bytes) =>
    avifOf(
      isoBox('ipco', ispe),
      fullBox(
        'ipma',
        u32(9999),
        filled(bytes, Buffer.concat([Buffer.from([0, 1, 255]), Buffer.alloc(255, 1)])),
      ),
    ),
  'an AVIF of items without a byte, each with 65,535 extents': (bytes) =>
    Buffer.concat([
      ftyp,
      fullBox(
        'meta',
        fullBox(
          'iloc',
          Buffer.from([0, 0, 0xff, 0xff]),
          filled(bytes, Buffer.from([0, 1, 0, 0, 0xff, 0xff])),
        ),
      ),
    ]),
  'an AVIF of boxes that claim 2⁶⁴ bytes': (bytes) =>
    Buffer.concat([ftyp, u32(1), Buffer.from('free'), Buffer.alloc(8, 0xff), Buffer.alloc(bytes)]),
  'a JPEG XL of empty boxes': (bytes) => Buffer.concat([jxlHead, filled(bytes, isoBox('free'))]),
  'a TIFF that claims 2³² strips': (bytes) => {
    const field = (tag: number, count: number, value: number) => {
      const one = Buffer.alloc(12);
      one.writeUInt16LE(tag, 0);
      one.writeUInt16LE(4, 2);
      one.writeUInt32LE(count, 4);
      one.writeUInt32LE(value, 8);
      return one;
    };
    const fields = [
      field(256, 1, 400),
      field(257, 1, 400),
      field(273, 2 ** 32 - 1, 100),
      field(279, 2 ** 32 - 1, 200),
    ];
    return Buffer.concat([Buffer.from('II*\0\x08\0\0\0\x04\0', 'latin1'), ...fields, Buffer.alloc(bytes, 1)]);
  },
  'a TIFF of 65,535 fields': (bytes) => Buffer.concat([tiffHead, filled(bytes, Buffer.alloc(12, 1))]),
};
