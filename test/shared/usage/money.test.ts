/** Money is exact: no amount gains or loses a millionth on its way through a record. */
import { describe, expect, test } from 'vitest';
import { amountOf, isCurrency, microOf } from '../../../shared/usage/money.ts';

test.each([
  ['0.0623', 62_300],
  [0.02, 20_000],
  [8.5156, 8_515_600],
  [0.1 + 0.2, 300_000],
  ['0', 0],
  ['0.00000049', 0],
  ['0.0000005', 1],
  [1_000_000_000, 1_000_000_000_000_000],
])('%s is %i millionths', (amount, micro) => {
  expect(microOf(amount)).toBe(micro);
});

test.each([
  -1,
  '-1',
  Number.NaN,
  Number.POSITIVE_INFINITY,
  1_000_000_001,
  '',
  ' 1',
  '1,5',
  '1e3',
  '0x10',
  '$1',
  null,
  {},
])('%j is no amount', (amount) => {
  expect(microOf(amount)).toBeUndefined();
});

test('what goes in as a decimal comes out as the same one', () => {
  for (let micro = 0; micro < 2_000_000; micro += 997) {
    const amount = amountOf(micro);

    expect(microOf(amount)).toBe(micro);
    expect(String(amount)).not.toMatch(/\.\d{7}/);
  }
});

describe('a currency', () => {
  test.each(['USD', 'EUR', 'CNY', 'JPY', 'credits'])('is %s', (code) => {
    expect(isCurrency(code)).toBe(true);
  });

  test.each(['usd', 'US', 'DOLLAR', 'Credits', '', '$', 'XXZ'])('is not "%s"', (code) => {
    expect(isCurrency(code)).toBe(false);
  });
});
