/** 2,000 programs with a seed of the day's own, and what makes a failing one useful: that it replays to the letter. */
import { expect, test } from 'vitest';
import { reportOf } from './report.ts';
import { runProgram } from './run.ts';

const PROGRAMS = 2000;

test(`${PROGRAMS} programs keep every promise`, async () => {
  const seed = `test-${Date.now()}`;
  const failed: string[] = [];
  for (let nth = 0; nth < PROGRAMS && failed.length === 0; nth++) {
    const { violations } = await runProgram(`${seed}/${nth}`);
    if (violations.length > 0) failed.push((await reportOf(`${seed}/${nth}`)) ?? '');
  }
  expect(failed.join('\n')).toBe('');
}, 600_000);

test('a seed tells the same story every time, and another one another', async () => {
  const first = await runProgram('story/10', undefined, true);
  const again = await runProgram('story/10', undefined, true);
  const other = await runProgram('story/11', undefined, true);

  expect(first.story.length).toBeGreaterThan(10);
  expect(again.story).toEqual(first.story);
  expect(again.deviations).toEqual(first.deviations);
  expect(other.story).not.toEqual(first.story);
});

test('its deviations alone tell the same story too: that is how a failing one is made small', async () => {
  for (let nth = 0; nth < 20; nth++) {
    const drawn = await runProgram(`story/${nth}`, undefined, true);
    const replayed = await runProgram(`story/${nth}`, drawn.deviations, true);

    expect(replayed.story).toEqual(drawn.story);
  }
});
