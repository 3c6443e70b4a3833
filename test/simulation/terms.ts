/** What the operator has set for the one owner and its key: drawn from the seed, most runs without any. */
import type { Caller, KeyLimits } from '../../shared/security/api-keys.ts';
import type { Prices } from '../../shared/usage/prices.ts';
import type { Budget } from '../../shared/usage/rows.ts';
import type { Choices } from './choices.ts';

export interface Terms {
  readonly caller: Caller;
  readonly budget: Budget | undefined;
}

const budgets: Readonly<Record<string, Budget>> = {
  'of 3 images a day': { images_per_day: 3 },
  'of 5 images a month': { images_per_month: 5 },
  'of 8 cents a month': { amount_per_month: 80_000, currency: 'USD' },
  'that nobody exceeds': { images_per_day: 1000, amount_per_day: 1_000_000_000, currency: 'USD' },
};
const limits: Readonly<Record<string, KeyLimits>> = {
  '2 images at once': { images_at_once: 2 },
  '50 images at once': { images_at_once: 50 },
  '2 requests a minute': { requests_per_minute: 2 },
};
export const PRICES: Prices = { 'wan2.5-text-to-image': { amount: 0.02, currency: 'USD' } };

/** The same whenever it is asked in one run. */
export function termsOf(choices: Choices): Terms {
  const budget =
    budgets[
      choices.pick('the budget', 'none', {
        'of 3 images a day': 0.15,
        'of 5 images a month': 0.15,
        'of 8 cents a month': 0.1,
        'that nobody exceeds': 0.2,
      })
    ];
  const limit =
    limits[
      choices.pick('the limit', 'none', {
        '2 images at once': 0.15,
        '50 images at once': 0.2,
        '2 requests a minute': 0.1,
      })
    ];
  const caller: Caller = {
    owner: 'acme',
    keyId: 'key-1',
    ...(limit && { limits: limit }),
    ...(budget && { budgeted: true }),
  };
  return { caller, budget };
}
