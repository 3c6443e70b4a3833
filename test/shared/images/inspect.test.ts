/** What the bytes say: real images of every kind, and what only calls itself one. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hasTransparency } from '../../../functions/submit/transparency.ts';
import { inspectImage } from '../../../shared/images/inspect.ts';
import { bmp, colourTypes, gif, jpeg, png, pngChunk, svg, webp } from '../../support/pictures.ts';

describe('an image', () => {
  test.each([
    [
      'PNG',
      png({ width: 640, height: 480 }),
      { contentType: 'image/png', extension: 'png', width: 640, height: 480 },
    ],
    ['JPEG', jpeg(640, 480), { contentType: 'image/jpeg', extension: 'jpg', width: 640, height: 480 }],
    ['WEBP', webp(640, 480), { contentType: 'image/webp', extension: 'webp', width: 640, height: 480 }],
    ['BMP', bmp(640, 480), { contentType: 'image/bmp', extension: 'bmp', width: 640, height: 480 }],
    ['GIF', gif, { contentType: 'image/gif', extension: 'gif', width: 1, height: 1 }],
  ])('%s is known by its bytes', (_, bytes, facts) => {
    expect(inspectImage(bytes)).toEqual(facts);
  });
});

describe('no image', () => {
  test.each<[string, Buffer]>([
    ['nothing', Buffer.alloc(0)],
    ['one byte', Buffer.from([0x89])],
    ['HTML', Buffer.from('<!doctype html><title>404</title>')],
    ['JSON', Buffer.from('{"error":"expired"}')],
    ['an SVG, which can run code', svg],
    ['an SVG behind an XML head', Buffer.from(`<?xml version="1.0"?>${svg}`)],
    ['zeros', Buffer.alloc(1000)],
    ['the first bytes of a PNG', png().subarray(0, 16)],
    ['the first bytes of a JPEG', jpeg().subarray(0, 10)],
    ['the first bytes of a WEBP', webp().subarray(0, 14)],
    ['the first bytes of a BMP', bmp().subarray(0, 16)],
    ['a PNG without a width', png({ width: 0, height: 1 })],
    [
      'a text behind the PNG signature',
      Buffer.concat([png().subarray(0, 8), Buffer.from('this is only text, no image')]),
    ],
  ])('%s', (_, bytes) => {
    expect(inspectImage(bytes)).toBeUndefined();
  });
});

test('no bytes make it throw or hang, nor the look for transparency (a failure prints its seed)', () => {
  const heads = [png(), jpeg(), webp(), bmp(), gif, svg].map((image) => image.subarray(0, 64));
  const boxes = ['JXL \r\n', 'ftypavif', 'ftypheic', 'jP  \r\n', 'icns', 'II*\0', 'MM\0*', 'DDS '].map(
    (name) => Buffer.concat([Buffer.from([0, 0, 0, 12]), Buffer.from(name, 'latin1')]),
  );
  const head = fc.constantFrom(Buffer.alloc(0), ...heads, ...boxes);
  const tail = fc.oneof(fc.uint8Array({ maxLength: 200 }), fc.constant(new Uint8Array(300)));
  const cut = fc.nat(64);
  fc.assert(
    fc.property(head, cut, tail, (start, at, rest) => {
      const bytes = Buffer.concat([start.subarray(0, at), rest]);
      const facts = inspectImage(bytes);
      if (facts) expect(facts.width * facts.height).toBeGreaterThan(0);
      expect(typeof hasTransparency(bytes)).toBe('boolean');
    }),
    { numRuns: 1000, interruptAfterTimeLimit: 5000, markInterruptAsFailure: true },
  );
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
