/** When 80 and 100 % of a budget are reached. */
import { expect, test } from 'vitest';
import { reachedThresholds } from '../../../shared/usage/thresholds.ts';

const DAY = '2026-11-24';
const marks = (budget: Parameters<typeof reachedThresholds>[0], month: Record<string, unknown>) =>
  reachedThresholds(budget, month, DAY).map(({ mark }) => mark);

test.each([
  [39, []],
  [40, ['day_2026-11-24_images_50_80']],
  [49, ['day_2026-11-24_images_50_80']],
  [50, ['day_2026-11-24_images_50_80', 'day_2026-11-24_images_50_100']],
  [60, ['day_2026-11-24_images_50_80', 'day_2026-11-24_images_50_100']],
])('%i of 50 images a day: %j', (used, expected) => {
  expect(marks({ images_per_day: 50 }, { d24_images: used, images: 900 })).toEqual(expected);
});

test('a month and money are measured by counters of their own', () => {
  const budget = {
    images_per_month: 10,
    amount_per_day: 1_000_000,
    amount_per_month: 5_000_000,
    currency: 'USD',
  };
  const month = { images: 8, d24_amount_USD: 1_000_000, amount_USD: 3_999_999, amount_EUR: 9_000_000 };

  expect(marks(budget, month)).toEqual([
    'month_2026-11_images_10_80',
    'day_2026-11-24_USD_1000000_80',
    'day_2026-11-24_USD_1000000_100',
  ]);
});

test('another limit is another threshold; a limit of 0 has none', () => {
  expect(marks({ images_per_day: 10 }, { d24_images: 9 })).not.toEqual(
    marks({ images_per_day: 11 }, { d24_images: 9 }),
  );
  expect(marks({ images_per_day: 0 }, { d24_images: 0 })).toEqual([]);
});
