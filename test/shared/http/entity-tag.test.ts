/** Entity tags and If-None-Match, as RFC 9110 has them. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { HttpEvent } from '../../../shared/http/api.ts';
import { entityTag, jsonUnlessKnown } from '../../../shared/http/entity-tag.ts';

const value = { id: 'task_1', metadata: { a: '1', b: '2' }, list: [1, 2] };
const tag = entityTag(value);

const asked = (ifNoneMatch?: string) =>
  jsonUnlessKnown(
    { headers: ifNoneMatch === undefined ? {} : { 'if-none-match': ifNoneMatch } } as unknown as HttpEvent,
    value,
  );

describe('an entity tag', () => {
  test('is weak, and as long for a large value as for a small one', () => {
    expect(tag).toMatch(/^W\/"[\w-]{22}"$/);
    expect(entityTag('x'.repeat(1_000_000))).toMatch(/^W\/"[\w-]{22}"$/);
  });

  test('does not depend on the order of keys, but on that of lists', () => {
    expect(entityTag({ list: [1, 2], metadata: { b: '2', a: '1' }, id: 'task_1' })).toBe(tag);
    expect(entityTag({ ...value, list: [2, 1] })).not.toBe(tag);
  });

  test('differs for different values and is the same for equal ones', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (one, other) => {
        const isSame = JSON.stringify(sorted(one)) === JSON.stringify(sorted(other));
        expect(entityTag(one) === entityTag(other)).toBe(isSame);
        expect(entityTag(one)).toBe(entityTag(structuredClone(one)));
      }),
    );
  });
});

describe('what a GET is answered with', () => {
  const headers = {
    'content-type': 'application/json',
    etag: tag,
    'cache-control': 'private, no-cache',
    vary: 'authorization',
  };

  test.each([
    ['its own tag', tag],
    ['the tag in its strong form', tag.slice(2)],
    ['a list with it', `"other", ${tag},W/"third"`],
    ['any', '*'],
    ['any, with spaces', ' * '],
  ])('304 without a body: If-None-Match is %s', (_, ifNoneMatch) => {
    expect(asked(ifNoneMatch)).toEqual({ statusCode: 304, headers });
  });

  test.each([
    ['nothing', undefined],
    ['empty', ''],
    ['another tag', entityTag('another')],
    ['the tag without its quotation marks', tag.slice(3, -1)],
    ['a part of the tag', `${tag.slice(0, -2)}"`],
    ['the tag with more', `${tag.slice(0, -1)}x"`],
    ['a list with a star', '"x", *'],
    ['what is no tag', 'W/"'],
  ])('200 with the value and its tag: If-None-Match is %s', (_, ifNoneMatch) => {
    expect(asked(ifNoneMatch)).toEqual({ statusCode: 200, headers, body: JSON.stringify(value) });
  });
});

/** The same value with its keys in order, made another way than the tag is. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return ['array', value.map(sorted)];
  if (value === null || typeof value !== 'object') return value;
  const keys = Object.keys(value).sort();
  return ['object', keys.map((key) => [key, sorted((value as Record<string, unknown>)[key])])];
}
