/** What a task cost, as the page says it. */
import { expect, test } from 'vitest';
import { costOf } from '../../../../../functions/page/web/words/cost.ts';

const credits = (amount: string) => `${amount} credits`;

test.each([
  [{ amount: 0.0623, currency: 'USD' }, 'en', '$0.0623'],
  [{ amount: 2, currency: 'EUR' }, 'en', '€2.00'],
  [{ amount: 0.02, currency: 'USD' }, 'zh-CN', 'US$0.02'],
  [{ amount: 8.5156, currency: 'credits' }, 'en', '8.5156 credits'],
])('%j in %s is %s', (charge, language, said) => {
  expect(costOf(charge, language, credits)).toBe(said);
});

test.each([
  { amount: null, currency: null },
  { amount: 0, currency: 'USD' },
  { amount: 0, currency: null },
])('%j is nothing to say', (charge) => {
  expect(costOf(charge, 'en', credits)).toBeUndefined();
});
