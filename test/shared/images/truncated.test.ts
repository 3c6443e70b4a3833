/** Images cut short at their origin, and damaged ones: known for what they are, wherever the cut is. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Inspection, inspectImage } from '../../../shared/images/inspect.ts';
import * as encoded from '../../support/encoded-pictures.ts';
import { isoBox } from '../../support/hostile-pictures.ts';
import { bmp, colourTypes, gif, painted, png, pngChunk } from '../../support/pictures.ts';

/** A bare JPEG XL codestream does not say where it ends. */
const { jxl: endless, ...encodedWithEnd } = encoded;

const whole: readonly (readonly [string, Buffer])[] = [
  ...(['png', 'jpeg', 'webp', 'avif', 'gif', 'bmp'] as const).map((type) => [type, painted(type)] as const),
  [
    'a PNG with a palette',
    png({ colourType: colourTypes.palette, chunks: [pngChunk('tRNS', Buffer.of(0))] }),
  ],
  ['the smallest GIF', gif],
  ...Object.entries(encodedWithEnd),
];

/** Cut before its size is known, an image that no provider promises is only unsupported. */
const isCut = (inspection: Inspection) =>
  inspection.kind === 'image'
    ? inspection.truncated && inspection.flaw !== undefined
    : inspection.kind === 'cut_short' ||
      (inspection.kind === 'unsupported' && ['HEIC', 'TIFF', 'JPEG XL'].includes(inspection.format));

describe.each(whole)('%s', (_, bytes) => {
  test('is whole when it is whole', () => {
    expect(inspectImage(bytes)).toMatchObject({ kind: 'image', truncated: false });
  });

  test.each([0.25, 0.5, 0.75])('cut at %f of its length is truncated, of the same size', (part) => {
    const { width, height } = inspectImage(bytes) as { width: number; height: number };

    const cut = inspectImage(bytes.subarray(0, Math.floor(bytes.length * part)));

    // What is cut before it has named its size has none.
    if (cut.kind === 'image') expect(cut).toMatchObject({ width, height, truncated: true });
    else expect(isCut(cut)).toBe(true);
  });

  test('cut anywhere is truncated (a failure prints its seed)', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: bytes.length - 1 }), (length) =>
        isCut(inspectImage(bytes.subarray(0, length))),
      ),
      { numRuns: 300, examples: [[1], [bytes.length - 1]] },
    );
  });
});

test('a picture cut in its data keeps its size: it can be kept', () => {
  for (const type of ['png', 'jpeg', 'webp', 'avif', 'gif', 'bmp'] as const) {
    const bytes = painted(type);
    expect(inspectImage(bytes.subarray(0, bytes.length - 100))).toMatchObject({
      kind: 'image',
      width: 96,
      height: 64,
      truncated: true,
      flaw: `ends after ${bytes.length - 100} bytes, before it is complete`,
    });
  }
});

describe('a damaged image', () => {
  const changed = (bytes: Buffer, at: number, value: number) => {
    const copy = Buffer.from(bytes);
    copy[at] = value;
    return copy;
  };
  const original = painted('png');
  const without = (name: string) => {
    const at = original.indexOf(name, 0, 'latin1') - 4;
    return Buffer.concat([original.subarray(0, at), original.subarray(at + 12 + original.readUInt32BE(at))]);
  };
  const head = painted('avif');
  const mediaData = head.indexOf('mdat', 0, 'latin1') - 4;

  test.each<[string, Buffer, string]>([
    ['a PNG with one other byte', changed(original, 200, original[200]! ^ 1), 'has a wrong checksum of IDAT'],
    ['a PNG without data', without('IDAT'), 'has no IDAT'],
    ['a PNG without an end', without('IEND'), 'before it is complete'],
    ['a JPEG without a scan', jpegWithoutScan(), 'has no scan'],
    ['a GIF without an image', Buffer.concat([gif.subarray(0, 19), Buffer.of(0x3b)]), 'has no image block'],
    ['a GIF with an unknown block', changed(gif, 19, 0x55), 'has no block at byte 19'],
    [
      'a WEBP with a chunk that is too long',
      changed(encoded.losslessWebp, 18, 0xff),
      'has a chunk that is longer than the file says',
    ],
    [
      'an AVIF whose picture lies beyond its end',
      Buffer.concat([head.subarray(0, mediaData), isoBox('mdat', Buffer.alloc(4))]),
      'before it is complete',
    ],
    ['a BMP of more pixels than it has', changed(bmp(40, 40), 22, 41), 'before it is complete'],
    ['a BMP shorter than its header says', changed(bmp(40, 40), 4, 1), 'before it is complete'],
  ])('%s is truncated and says why', (_, bytes, flaw) => {
    expect(inspectImage(bytes)).toMatchObject({
      kind: 'image',
      truncated: true,
      flaw: expect.stringContaining(flaw),
    });
  });
});

/** Its frame header, then its end. */
function jpegWithoutScan(): Buffer {
  const bytes = painted('jpeg');
  const scan = bytes.indexOf(Buffer.of(0xff, 0xda));
  return Buffer.concat([bytes.subarray(0, scan), Buffer.of(0xff, 0xd9)]);
}

test('a bare JPEG XL codestream has no length: a cut one is not known as such', () => {
  expect(inspectImage(endless.subarray(0, 50))).toMatchObject({ kind: 'image', truncated: false });
});
