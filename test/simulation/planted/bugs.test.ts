/** Planted bugs stay plantable: what each replaces stands in the product, once. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { textOf } from '../../support/sources.ts';
import { bugs } from './bugs.ts';

test('there are enough of them, each with a name of its own', () => {
  expect(bugs.length).toBeGreaterThanOrEqual(30);
  expect(new Set(bugs.map(({ name }) => name)).size).toBe(bugs.length);
});

test.each(bugs)('$name', ({ edits, tests }) => {
  for (const { file, before, after } of edits) {
    expect(textOf(file).split(before).length - 1, `${file}: ${before}`).toBe(1);
    expect(after).not.toBe(before);
  }
  for (const path of tests) expect(existsSync(join(import.meta.dirname, '../..', path)), path).toBe(true);
});
