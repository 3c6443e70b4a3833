/** The table of docs/promises.md: what makes a requirement PASSED, FAILED or UNCOVERED. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { promises } from './requirements.ts';
import { fileOf, judge, type Ran, withTable } from './table.ts';

const TESTS = join(import.meta.dirname, '..');
const requirement = { says: 'It holds', shownBy: ['a/one', 'a/two#twice'] };
const ran = (file: string, name: string, state: Ran['state'] = 'passed'): Ran => ({ file, name, state });

test('passed: each of what should show it ran, and passed; others are not counted', () => {
  const runs = [
    ran('a/one', 'x'),
    ran('a/one', 'y'),
    ran('a/two', 'once'),
    ran('a/two', 'now twice'),
    ran('b', 'twice'),
  ];

  expect(judge(requirement, runs)).toMatchObject({ verdict: 'PASSED', cases: 3 });
});

test('failed: one of them failed', () => {
  const runs = [ran('a/one', 'x', 'failed'), ran('a/one', 'y'), ran('a/two', 'twice')];

  expect(judge(requirement, runs)).toMatchObject({ verdict: 'FAILED', cases: 2 });
});

test.each([
  ['a test that has another name now', [ran('a/one', 'x'), ran('a/two', 'once')]],
  ['a file that is gone', [ran('a/two', 'twice')]],
  ['a test that was skipped', [ran('a/one', 'x'), ran('a/two', 'twice', 'skipped')]],
])('uncovered: %s', (_, runs) => {
  expect(judge(requirement, runs).verdict).toBe('UNCOVERED');
});

test('the table stands in its place, and the rest of the page as it was', () => {
  const page =
    'before\n<!-- the table: written by `npm run promises` -->\nold\n<!-- the end of the table -->\nafter\n';
  const promised = [{ name: '1', says: 'One', requirements: [requirement] }];

  const written = withTable(page, promised, [ran('a/one', 'x'), ran('a/two', 'twice')]);

  expect(written).toContain('before\n');
  expect(written).toContain(
    '| **1** | **One** | | | |\n| | It holds | `a/one`<br>`a/two`: twice | 2 | PASSED |',
  );
  expect(written).not.toContain('\nold\n');
  expect(written.endsWith('\nafter\n')).toBe(true);
  expect(withTable(written, promised, [ran('a/one', 'x'), ran('a/two', 'twice')])).toBe(written);
});

test('a page without a place for it is an error', () => {
  expect(() => withTable('nothing', [], [])).toThrow('The page needs');
});

test('every file that should show something is there', () => {
  const files = promises.flatMap(({ requirements }) =>
    requirements.flatMap(({ shownBy }) => shownBy.map(fileOf)),
  );

  expect(files.filter((file) => !existsSync(join(TESTS, `${file}.test.ts`)))).toEqual([]);
});

test('the page says that everything passed', () => {
  const page = readFileSync(join(TESTS, '../docs/promises.md'), 'utf8');
  const requirements = promises.flatMap((promised) => promised.requirements);

  expect(page.match(/\| PASSED \|$/gm)).toHaveLength(requirements.length);
  expect(page).not.toMatch(/\| (FAILED|UNCOVERED) \|$/m);
});
