import { expect, test } from 'vitest';
import { columnsFor, overallRatio } from '../../../../../functions/page/web/history/arrange.ts';

const shapes = (count: number, width: number, height: number) =>
  Array.from({ length: count }, () => ({ width, height }));

test.each([
  ['one', shapes(1, 1280, 1280), 1, 1],
  ['one that is wide', shapes(1, 1696, 848), 1, 2],
  ['two squares', shapes(2, 1280, 1280), 2, 2],
  ['three, with a gap', shapes(3, 1280, 1280), 2, 1],
  ['four that are tall', shapes(4, 800, 1600), 2, 0.5],
  ['two that are wide', shapes(2, 1472, 1104), 1, 2 / 3],
  ['four that are wide', shapes(4, 1696, 960), 2, 1696 / 960],
  ['two strips below each other', shapes(2, 2700, 768), 1, 2700 / 768 / 2],
  ['none', [], 1, 1],
])('%s', (_, given, columns, ratio) => {
  expect(columnsFor(given)).toBe(columns);
  expect(overallRatio(given)).toBeCloseTo(ratio);
});
