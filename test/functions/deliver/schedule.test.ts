/** When a webhook is attempted again. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { nextAttempt, RUN_SECONDS } from '../../../functions/deliver/schedule.ts';

const since = 1_800_000_000;
const pauseFor = (step: number, more: object = {}) => {
  const now = since + 10;
  const next = nextAttempt({ step, now, since, random: 0.5, ...more });
  return next === undefined ? undefined : Math.round((next - now) * 10) / 10;
};

test('the documented pauses first, then growing ones, then every hour', () => {
  const pauses = Array.from({ length: 11 }, (_, index) => pauseFor(index + 1));

  expect(pauses).toEqual([1, 2, 4, 5, 30, 120, 600, 1800, 3600, 3600, 3600]);
});

test('the documented pauses are exact, the others vary by a fifth', () => {
  expect([0, 1].map((random) => pauseFor(1, { random }))).toEqual([1, 1]);
  expect([0, 1].map((random) => pauseFor(9, { random }))).toEqual([2880, 4320]);
});

describe('Retry-After', () => {
  test('a longer pause than planned is honoured, a shorter one is not', () => {
    expect(pauseFor(1, { retryAfterSeconds: 90 })).toBe(90);
    expect(pauseFor(8, { retryAfterSeconds: 90 })).toBe(1800);
  });

  test('never beyond the end of the run', () => {
    expect(pauseFor(6, { retryAfterSeconds: 2 * RUN_SECONDS })).toBe(RUN_SECONDS - 10);
    expect(pauseFor(1, { retryAfterSeconds: 2 * RUN_SECONDS })).toBe(RUN_SECONDS - 10);
  });
});

test('the last attempt is at the end of the run; then it is given up', () => {
  const almost = since + RUN_SECONDS - 60;

  expect(nextAttempt({ step: 20, now: almost, since, random: 0.5 })).toBe(since + RUN_SECONDS);
  expect(nextAttempt({ step: 21, now: since + RUN_SECONDS, since, random: 0.5 })).toBeUndefined();
});

test('a run that begins late has the documented retries all the same', () => {
  const late = { now: since + 3 * RUN_SECONDS, since, random: 0.5 };

  expect([1, 2, 3].map((step) => nextAttempt({ ...late, step })! - late.now)).toEqual([1, 2, 4]);
  expect(nextAttempt({ ...late, step: 4 })).toBeUndefined();
});

test('whatever happens, the next attempt is later, and the run ends', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 100 }),
      fc.integer({ min: 0, max: 3 * RUN_SECONDS }),
      fc.option(fc.integer({ min: 0, max: RUN_SECONDS }), { nil: undefined }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (step, age, retryAfterSeconds, random) => {
        const next = nextAttempt({ step, now: since + age, since, retryAfterSeconds, random });
        if (next === undefined) expect(age).toBeGreaterThanOrEqual(RUN_SECONDS);
        else {
          expect(next).toBeGreaterThan(since + age);
          expect(next).toBeLessThanOrEqual(Math.max(since + RUN_SECONDS, since + age + 4));
        }
      },
    ),
  );
});
