import { expect, test } from 'vitest';
import {
  defaultSize,
  faultOf,
  parseSize,
  ratioName,
  shapesOf,
} from '../../../../../functions/page/web/compose/size.ts';
import { limits } from './forms.ts';

const ofPreview = limits.wan25_t2i_preview.size!;

test.each([
  ['1280x1280', { width: '1280', height: '1280' }],
  ['1280*720', { width: '1280', height: '720' }],
  [' 1280 × 720 ', { width: '1280', height: '720' }],
  ['1280X720', { width: '1280', height: '720' }],
  ['1280', undefined],
  ['1280x', undefined],
  ['1.5x3', undefined],
  ['12345678x1', undefined],
])('%s', (text, size) => {
  expect(parseSize(text)).toEqual(size);
});

test('the recommended sizes are accepted below the floor, others are not', () => {
  expect(faultOf({ width: '1104', height: '1472' }, ofPreview)).toBeUndefined();
  expect(faultOf({ width: '1105', height: '1472' }, ofPreview)).toBe('pixels');
});

test('only sizes that the model accepts are offered', () => {
  const narrow = { rule: { separator: 'x', minPixels: 1_638_400, maxPixels: 1_638_400 } } as const;
  expect(shapesOf(narrow)).toEqual([{ width: '1280', height: '1280' }]);
  expect(shapesOf(ofPreview)).toHaveLength(5);
});

test('a model without a default decides by itself', () => {
  expect(defaultSize(ofPreview)).toEqual({ width: '1280', height: '1280' });
  expect(defaultSize(limits.wan26_i2i.size!)).toBeUndefined();
});

test.each([
  [1280, 1280, '1:1'],
  [1104, 1472, '3:4'],
  [960, 1696, '9:16'],
  [1696, 960, '16:9'],
  [768, 2700, '1:3.52'],
  [1700, 1000, '1.70:1'],
])('%i × %i is %s', (width, height, name) => {
  expect(ratioName({ width, height })).toBe(name);
});
