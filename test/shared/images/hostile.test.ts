/**
 * Bytes that were made to harm: no parser throws, and none works more than its bytes are worth.
 *
 * Work is counted, not timed: a parser can only read forwards, so it costs one pass over the bytes and its reads.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hasTransparency } from '../../../functions/submit/transparency.ts';
import { MAX_READS } from '../../../shared/images/formats/byte-reader.ts';
import { ImageInspector, inspectHead, inspectImage } from '../../../shared/images/inspect.ts';
import * as encoded from '../../support/encoded-pictures.ts';
import { avifOfItems, hostile } from '../../support/hostile-pictures.ts';
import { painted } from '../../support/pictures.ts';

const MEGABYTE = 1_000_000;

function readsOf(bytes: Buffer): number {
  const inspector = new ImageInspector();
  inspector.update(bytes);
  inspector.result();
  return inspector.reads;
}

describe.each(Object.entries(hostile))('%s', (_, make) => {
  test('is inspected with a bounded number of reads, and twice the bytes cost at most twice as many', () => {
    const [small, large, largest] = [make(MEGABYTE), make(2 * MEGABYTE), make(8 * MEGABYTE)];

    expect(readsOf(large)).toBeLessThanOrEqual(2 * readsOf(small) + 100);
    expect(readsOf(largest)).toBeLessThanOrEqual(MAX_READS + 1);
    expect(readsOf(small)).toBeGreaterThan(0);
  });

  test('is no whole image', () => {
    const inspection = inspectImage(make(MEGABYTE));
    expect(inspection.kind === 'image' ? inspection.truncated : true).toBe(true);
  });
});

// Each would be remembered until the file's end.
test.each([
  ['properties', avifOfItems(10_000, 1), avifOfItems(10_001, 1)],
  ['items', avifOfItems(1, 10_000), avifOfItems(1, 10_001)],
])('an AVIF has at most 10,000 %s', (_, most, more) => {
  expect(inspectImage(most)).toMatchObject({ kind: 'image', width: 400, height: 400 });
  expect(inspectImage(more)).toEqual({ kind: 'not_an_image', format: 'damaged AVIF' });
});

const valid = [
  ...(['png', 'jpeg', 'webp', 'avif', 'gif', 'bmp'] as const).map((type) => painted(type)),
  ...Object.values(encoded),
];
const heads = valid.map((bytes) => bytes.subarray(0, 48));

/** Inspects by all ways, whole and in pieces. @returns what must hold of any bytes */
function isHarmless(bytes: Buffer, pieces: number): boolean {
  const whole = inspectImage(bytes);
  const inspector = new ImageInspector();
  for (let at = 0; at < bytes.length; at += pieces) inspector.update(bytes.subarray(at, at + pieces));
  expect(inspector.result()).toEqual(whole);
  expect(inspector.reads).toBeLessThanOrEqual(2 * bytes.length + 10);
  expect(typeof hasTransparency(bytes)).toBe('boolean');
  const head = inspectHead(bytes);
  if (whole.kind === 'image') expect(whole.width * whole.height).toBeGreaterThan(0);
  return head.kind === whole.kind;
}

describe('(a failure prints its seed)', () => {
  const pieces = fc.integer({ min: 1, max: 700 });

  test('any bytes behind any beginning of an image', () => {
    const tail = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      // Zeros and ones of all kinds are lengths, versions and counts.
      fc.array(fc.constantFrom(0, 0, 0, 1, 2, 4, 8, 0x44, 0xff), { maxLength: 300 }),
    );
    fc.assert(
      fc.property(
        fc.constantFrom(Buffer.alloc(0), ...heads),
        fc.nat(48),
        tail,
        pieces,
        (head, at, rest, step) => isHarmless(Buffer.concat([head.subarray(0, at), Buffer.from(rest)]), step),
      ),
      { numRuns: 2000 },
    );
  });

  test('any byte of a real image changed', () => {
    const change = fc.record({
      at: fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
      to: fc.nat(255),
    });
    fc.assert(
      fc.property(
        fc.constantFrom(...valid),
        fc.array(change, { minLength: 1, maxLength: 4 }),
        pieces,
        (image, changes, step) => {
          const bytes = Buffer.from(image);
          for (const { at, to } of changes) bytes[Math.floor(at * bytes.length)] = to;
          return isHarmless(bytes, step);
        },
      ),
      { numRuns: 2000 },
    );
  });

  test('the head of a real image changed, where all lengths stand', () => {
    fc.assert(
      fc.property(fc.constantFrom(...valid), fc.nat(400), fc.nat(255), pieces, (image, at, to, step) => {
        const bytes = Buffer.from(image);
        bytes[at % bytes.length] = to;
        return isHarmless(bytes, step);
      }),
      { numRuns: 2000 },
    );
  });
});
