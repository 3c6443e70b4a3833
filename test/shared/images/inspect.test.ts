/** What the bytes say: real images of every kind, and what only calls itself one. */
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { hasTransparency } from '../../../functions/submit/transparency.ts';
import { ImageInspector, inspectHead, inspectImage } from '../../../shared/images/inspect.ts';
import * as encoded from '../../support/encoded-pictures.ts';
import {
  avif,
  bmp,
  colourTypes,
  gif,
  jpeg,
  painted,
  png,
  pngChunk,
  svg,
  webp,
} from '../../support/pictures.ts';

const formats = {
  PNG: { format: 'PNG', contentType: 'image/png', extension: 'png' },
  JPEG: { format: 'JPEG', contentType: 'image/jpeg', extension: 'jpg' },
  WEBP: { format: 'WEBP', contentType: 'image/webp', extension: 'webp' },
  BMP: { format: 'BMP', contentType: 'image/bmp', extension: 'bmp' },
  GIF: { format: 'GIF', contentType: 'image/gif', extension: 'gif' },
  AVIF: { format: 'AVIF', contentType: 'image/avif', extension: 'avif' },
  HEIC: { format: 'HEIC', contentType: 'image/heic', extension: 'heic' },
  'JPEG XL': { format: 'JPEG XL', contentType: 'image/jxl', extension: 'jxl' },
  TIFF: { format: 'TIFF', contentType: 'image/tiff', extension: 'tiff' },
};

describe('an image', () => {
  test.each([
    ['PNG', png({ width: 640, height: 480 }), 640, 480],
    ['JPEG', jpeg(640, 480), 640, 480],
    ['WEBP', webp(640, 480), 640, 480],
    ['BMP', bmp(640, 480), 640, 480],
    ['GIF', gif, 1, 1],
    ['AVIF', avif(640, 480), 640, 480],
    ['JPEG', encoded.progressiveJpeg, 12, 9],
    ['WEBP', encoded.losslessWebp, 12, 9],
    ['WEBP', encoded.animatedWebp, 12, 9],
    ['GIF', encoded.animatedGif, 12, 9],
    ['BMP', encoded.paletteBmp, 12, 9],
    ['HEIC', encoded.heic, 12, 9],
    ['JPEG XL', encoded.jxl, 12, 9],
    ['JPEG XL', encoded.jxlInBoxes, 12, 9],
    ['TIFF', encoded.tiff, 12, 9],
    ['TIFF', encoded.tiffOfStrips, 12, 9],
  ] as const)('%s is known by its bytes', (name, bytes, width, height) => {
    const facts = { kind: 'image', ...formats[name], width, height };

    expect(inspectImage(bytes)).toEqual({ ...facts, truncated: false });
    expect(inspectHead(bytes)).toMatchObject(facts);
  });

  test.each([
    ['png', 'PNG'],
    ['jpeg', 'JPEG'],
    ['gif', 'GIF'],
    ['webp', 'WEBP'],
    ['bmp', 'BMP'],
    ['avif', 'AVIF'],
  ] as const)('%s with bytes behind its end is whole', (type, name) => {
    const bytes = Buffer.concat([painted(type), Buffer.from('left behind by an upload')]);

    expect(inspectImage(bytes)).toMatchObject({ kind: 'image', ...formats[name], truncated: false });
  });

  test('of rows from the top, of the oldest header: a BMP is known all the same', () => {
    const fromTop = bmp(40, 30);
    fromTop.writeInt32LE(-30, 22);
    const core = Buffer.alloc(26 + 12);
    core.write('BM', 'latin1');
    core.writeUInt32LE(core.length, 2);
    core.writeUInt32LE(26, 10);
    core.set([12, 0, 0, 0, 3, 0, 1, 0, 1, 0, 24, 0], 14);

    expect(inspectImage(fromTop)).toMatchObject({ kind: 'image', width: 40, height: 30, truncated: false });
    expect(inspectImage(core)).toMatchObject({ kind: 'image', width: 3, height: 1, truncated: false });
  });

  test('of which only the head is inspected: nothing behind its size is looked at', () => {
    const whole = painted('png');
    const damaged = Buffer.concat([whole.subarray(0, 33), Buffer.alloc(100)]);

    expect(inspectImage(damaged)).toMatchObject({ kind: 'image', truncated: true });
    expect(inspectHead(damaged)).toMatchObject({ kind: 'image', truncated: false });
  });

  test('arriving in pieces of any length is the same as arriving whole', () => {
    for (const bytes of [...Object.values(encoded), painted('png'), painted('avif')]) {
      for (const length of [1, 7, 512, 4096]) {
        const inspector = new ImageInspector();
        for (let at = 0; at < bytes.length; at += length) inspector.update(bytes.subarray(at, at + length));

        expect(inspector.result()).toEqual(inspectImage(bytes));
      }
    }
  });
});

describe('no image', () => {
  test.each<[string, Buffer, string | undefined]>([
    ['nothing', Buffer.alloc(0), undefined],
    ['HTML', Buffer.from('<!doctype html><title>404</title>'), 'HTML'],
    ['JSON', Buffer.from('{"error":"expired"}'), undefined],
    ['an SVG, which can run code', svg, 'SVG'],
    ['an SVG behind an XML head', Buffer.from(`<?xml version="1.0"?>${svg}`), 'SVG'],
    ['a PNG that is still compressed', gzipSync(png()), 'gzip'],
    ['a film', Buffer.from('\0\0\0\x14ftypisom\0\0\0\0mp41', 'latin1'), 'ISO media'],
    ['zeros', Buffer.alloc(1000), undefined],
    ['a PNG without a width', png({ width: 0, height: 1 }), 'damaged PNG'],
    ['a word that begins like a BMP', Buffer.from('BMW is a maker of cars, not an image.'), 'damaged BMP'],
    [
      'a text behind the PNG signature',
      Buffer.concat([png().subarray(0, 8), Buffer.from('this is only text, no image')]),
      'damaged PNG',
    ],
  ])('%s', (_, bytes, format) => {
    expect(inspectImage(bytes)).toEqual({ kind: 'not_an_image', format });
    expect(inspectHead(bytes)).toEqual({ kind: 'not_an_image', format });
  });

  test('is named by its first 512 bytes alone, however long it is', () => {
    const page = Buffer.from(`<html>${' '.repeat(512)}<svg>`);
    expect(inspectImage(page)).toEqual({ kind: 'not_an_image', format: 'HTML' });
  });

  test.each<[string, Buffer, string]>([
    ['a JPEG 2000', Buffer.from('\0\0\0\x0cjP  \r\n\x87\n', 'latin1'), 'JPEG 2000'],
    ['an icon', Buffer.from('\0\0\x01\0\x01\0', 'latin1'), 'icon'],
    ['a HEIF of an unknown coding', Buffer.from('\0\0\0\x14ftypmif1\0\0\0\0vvic', 'latin1'), 'HEIF'],
    ['a HEIC without a size', Buffer.from('\0\0\0\x14ftypheic\0\0\0\0mif1\0\0\0\x08mdat', 'latin1'), 'HEIC'],
    ['a TIFF without a size', Buffer.from('II*\0\x08\0\0\0\0\0\0\0\0\0', 'latin1'), 'TIFF'],
    ['the first bytes of a JPEG XL', encoded.jxl.subarray(0, 4), 'JPEG XL'],
  ])('%s: unsupported, by its name', (_, bytes, format) => {
    expect(inspectImage(bytes)).toEqual({ kind: 'unsupported', format });
    expect(inspectHead(bytes)).toEqual({ kind: 'unsupported', format });
  });

  test.each<[string, Buffer]>([
    ['one byte', Buffer.from([0x89])],
    ['the first bytes of a PNG', png().subarray(0, 16)],
    ['the first bytes of a JPEG', jpeg().subarray(0, 10)],
    ['the first bytes of a WEBP', webp().subarray(0, 14)],
    ['the first bytes of a BMP', bmp().subarray(0, 16)],
    ['the first bytes of an AVIF', avif().subarray(0, 100)],
  ])('%s: cut short', (_, bytes) => {
    expect(inspectImage(bytes)).toMatchObject({ kind: 'cut_short' });
    expect(inspectHead(bytes)).toMatchObject({ kind: 'cut_short' });
  });
});

describe('transparency', () => {
  const { grey, rgb, palette, greyAlpha, rgba } = colourTypes;
  const trns = pngChunk('tRNS', Buffer.from([0]));
  const text = pngChunk('tEXt', Buffer.from('Comment\0tRNS'));

  test.each([
    ['grey', png({ colourType: grey }), false],
    ['RGB', png({ colourType: rgb }), false],
    ['a palette', png({ colourType: palette }), false],
    ['grey with alpha', png({ colourType: greyAlpha }), true],
    ['RGB with alpha', png({ colourType: rgba }), true],
    ['a palette with a transparent colour', png({ colourType: palette, chunks: [trns] }), true],
    [
      'grey with a transparent value',
      png({ colourType: grey, chunks: [pngChunk('tRNS', Buffer.alloc(2))] }),
      true,
    ],
    [
      'RGB with a transparent colour, behind a text',
      png({ chunks: [text, pngChunk('tRNS', Buffer.alloc(6))] }),
      true,
    ],
    ['a text that only speaks of it', png({ chunks: [text] }), false],
    ['only the head of a PNG with alpha', png({ colourType: rgba }).subarray(0, 40), true],
    [
      'a chunk longer than the file',
      png({ chunks: [pngChunk('tEXt', Buffer.alloc(9000))] }).subarray(0, 100),
      false,
    ],
    ['a JPEG', jpeg(), false],
    ['a WEBP', webp(), false],
    ['nothing', Buffer.alloc(0), false],
  ])('%s', (_, bytes, transparent) => {
    expect(hasTransparency(bytes)).toBe(transparent);
  });
});
