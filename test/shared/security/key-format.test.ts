/** The form of an API key: what was mistyped, cut off or made up is known by itself, and a scanner finds the rest. */
import { readFile } from 'node:fs/promises';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { newKey } from '../../../infra/operations/api-keys.ts';
import { BASE_62, isWellFormedKey, withChecksum } from '../../../shared/security/key-format.ts';

const keys = fc
  .array(fc.constantFrom(...BASE_62), { minLength: 32, maxLength: 32 })
  .map((random) => withChecksum(`whk_${random.join('')}`));

describe('the checksum', () => {
  // Of CRC-32 as zlib, gzip and PNG have it, checked with Python's zlib.crc32.
  test.each([
    [`whk_${'0'.repeat(32)}`, `whk_${'0'.repeat(32)}1jme4f`],
    ['whk_0123456789ABCDEFGHIJKLMNOPQRSTUV', 'whk_0123456789ABCDEFGHIJKLMNOPQRSTUV2y91bm'],
  ])('of %s is always the same', (text, key) => {
    expect(withChecksum(text)).toBe(key);
    expect(isWellFormedKey(key)).toBe(true);
  });

  test('finds every wrong character, and every two that changed places', () => {
    const property = fc.property(keys, fc.nat(37), fc.constantFrom(...BASE_62), (key, index, other) => {
      const at = 'whk_'.length + index;
      const wrong = key.slice(0, at) + other + key.slice(at + 1);
      expect(isWellFormedKey(wrong)).toBe(wrong === key);
      const swapped = key.slice(0, at) + (key[at + 1] ?? '') + key[at] + key.slice(at + 2);
      expect(isWellFormedKey(swapped)).toBe(swapped === key);
    });
    fc.assert(property, { numRuns: 500 });
  });

  test.each([
    ['nothing', ''],
    ['the prefix', 'whk_'],
    ['a key cut off', newKey().slice(0, -1)],
    ['a key with something behind it', `${newKey()}x`],
    ['a key with a line end', `${newKey()}\n`],
    ['another prefix', newKey().replace('whk_', 'whx_')],
    ['another prefix with its own checksum', withChecksum(`whx_${'a'.repeat(32)}`)],
    ['other characters with their checksum', withChecksum(`whk_${'-'.repeat(32)}`)],
    ['fewer characters with their checksum', withChecksum(`whk_${'a'.repeat(31)}`)],
  ])('%s is no key', (_, text) => {
    expect(isWellFormedKey(text)).toBe(false);
  });
});

test('a new key is well-formed, and nobody has it', () => {
  const made = Array.from({ length: 200 }, newKey);

  expect(made.every(isWellFormedKey)).toBe(true);
  expect(new Set(made).size).toBe(200);
  // Each of 62 characters is missed by 6400 draws with a probability of 10⁻⁴⁵.
  expect(new Set(made.flatMap((key) => [...key.slice(4, 36)])).size).toBe(62);
});

test('the regular expression of the page for operators finds a key in a text, and none in a longer word', async () => {
  const page = await readFile('docs/keys.md', 'utf8');
  const scanner = new RegExp(/^\s*(\\b\S*whk_\S*)$/m.exec(page)![1]!, 'g');
  const key = newKey();

  expect(`curl -H "Authorization: Bearer ${key}" # ${key}`.match(scanner)).toEqual([key, key]);
  expect(`${key}x`.match(scanner)).toBeNull();
});
