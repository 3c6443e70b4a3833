/** One text for each JSON value: equal values give equal texts, whatever the order of their fields. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonicalJson, sha256 } from '../../../shared/runtime/json.ts';

/** The same value with the fields of every object turned round. */
function turned(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(turned);
  if (!value || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([name, inner]) => [name, turned(inner)]),
  );
}

test('the order of fields does not show (a failure prints its seed)', () => {
  fc.assert(fc.property(fc.jsonValue(), (value) => canonicalJson(turned(value)) === canonicalJson(value)));
});

test('the text is that very value (a failure prints its seed)', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
});

test('different values give different texts (a failure prints its seed)', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
      const same = JSON.stringify(turned(a)) === JSON.stringify(turned(b));
      if (same) expect(canonicalJson(a)).toBe(canonicalJson(b));
      if (canonicalJson(a) === canonicalJson(b))
        expect(JSON.parse(canonicalJson(a))).toEqual(JSON.parse(canonicalJson(b)));
    }),
  );
});

test.each([
  [{ b: 1, a: { d: [2, { z: 0, y: null }], c: '狐' } }, '{"a":{"c":"狐","d":[2,{"y":null,"z":0}]},"b":1}'],
  [{ b: undefined, a: 1 }, '{"a":1}'],
  [[2, 1], '[2,1]'],
  ['x', '"x"'],
  [null, 'null'],
])('%o', (value, text) => {
  expect(canonicalJson(value)).toBe(text);
});

test('SHA-256 in hex, of texts in UTF-8', () => {
  expect(sha256('')).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
  expect(sha256('狐')).toBe(sha256(Buffer.from('狐')));
});
