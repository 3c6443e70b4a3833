import { expect, test } from 'vitest';
import { compilePattern } from '../../../../../infra/local/cloud/eventbridge/pattern.ts';

const event = {
  source: 'wanhook',
  'detail-type': 'Image Task Completed',
  detail: {
    size: 7,
    flag: true,
    none: null,
    empty: {},
    name: 'Fox.PNG',
    tags: ['a', 'b'],
    parts: [{ n: 1 }, { n: 2 }],
  },
};

const detail = (pattern: unknown) => ({ detail: pattern });

test.each<[unknown, boolean]>([
  [{ source: ['wanhook'] }, true],
  [{ source: ['other'] }, false],
  [{ source: ['other', 'wanhook'], 'detail-type': ['Image Task Completed'] }, true],
  [{ source: ['wanhook'], 'detail-type': ['Image Task Failed'] }, false],
  [detail({ size: [7] }), true],
  [detail({ size: ['7'] }), false],
  [detail({ flag: [true] }), true],
  [detail({ none: [null] }), true],
  [detail({ tags: ['b'] }), true],
  [detail({ tags: ['c'] }), false],
  [detail({ parts: { n: [2] } }), true],
  [detail({ parts: { n: [3] } }), false],
  [detail({ name: [{ prefix: 'Fox' }] }), true],
  [detail({ name: [{ prefix: 'fox' }] }), false],
  [detail({ name: [{ prefix: { 'equals-ignore-case': 'fox' } }] }), true],
  [detail({ name: [{ suffix: '.PNG' }] }), true],
  [detail({ name: [{ suffix: { 'equals-ignore-case': '.png' } }] }), true],
  [detail({ name: [{ 'equals-ignore-case': 'fOX.png' }] }), true],
  [detail({ name: [{ wildcard: 'F*.P*G' }] }), true],
  [detail({ name: [{ wildcard: 'F.*' }] }), false],
  [detail({ name: [{ 'anything-but': 'x' }] }), true],
  [detail({ name: [{ 'anything-but': ['x', 'Fox.PNG'] }] }), false],
  [detail({ name: [{ 'anything-but': { prefix: 'Fo' } }] }), false],
  [detail({ name: [{ 'anything-but': { suffix: ['.jpg', '.webp'] } }] }), true],
  [detail({ absent: [{ 'anything-but': 'x' }] }), false],
  [detail({ size: [{ numeric: ['>', 0, '<=', 7] }] }), true],
  [detail({ size: [{ numeric: ['<', 7] }] }), false],
  [detail({ name: [{ numeric: ['>', 0] }] }), false],
  [detail({ size: [{ exists: true }] }), true],
  [detail({ empty: [{ exists: true }] }), false],
  [detail({ absent: [{ exists: false }] }), true],
  [detail({ absent: { deeper: [{ exists: false }] } }), true],
  [detail({ size: [{ exists: false }] }), false],
  [detail({ $or: [{ size: [8] }, { flag: [true] }] }), true],
  [detail({ $or: [{ size: [8] }, { flag: [false] }], name: ['Fox.PNG'] }), false],
])('%j: %s', (pattern, expected) => {
  expect(compilePattern(pattern)(event)).toBe(expected);
});

test.each([
  [{ detail: { a: [{ cidr: '10.0.0.0/8' }] } }, /detail\.a holds .*cidr.*known operators: prefix/],
  [{ detail: { a: [{ prefix: 'x', suffix: 'y' }] } }, /one at a time/],
  [{ detail: { a: [{ numeric: ['~', 1] }] } }, /detail\.a gives numeric an argument/],
  [{ detail: { a: 'x' } }, /detail\.a must be an object or a list/],
  [{ detail: { a: [{ 'anything-but': { numeric: ['>', 1] } }] } }, /anything-but/],
])('%j is an error that says where', (pattern, expected) => {
  expect(() => compilePattern(pattern)).toThrow(expected);
});
