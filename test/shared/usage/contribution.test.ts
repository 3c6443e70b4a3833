/** What a task counts, in each state that it can have. */
import { describe, expect, test } from 'vitest';
import type { Charge } from '../../../shared/task/record.ts';
import { contribution } from '../../../shared/usage/contribution.ts';
import { publicUsage } from '../../../shared/usage/public-usage.ts';
import { type RecordChanges, taskRecord } from '../../support/records.ts';

const asked = { images: 4, amount: 80_000, currency: 'USD' };
const counted = (changes: RecordChanges) => contribution(taskRecord(changes));
const ended = (charge: Charge | undefined, more: RecordChanges = {}) =>
  counted({ asked, status: 'completed', submission: 'accepted', ...(charge && { charge }), ...more });

test.each<[string, RecordChanges, object]>([
  ['open, priced', { asked }, { requests: 1, asked: 4, reserved_USD: 80_000 }],
  ['open, without a price', { asked: { images: 4 } }, { requests: 1, asked: 4 }],
  ['older than what is asked for', {}, { requests: 1 }],
  [
    'refused for now',
    { asked, submission: 'refused' },
    { requests: 1, refused: 1, asked: 4, reserved_USD: 80_000, released_USD: 80_000 },
  ],
])('%s', (_, changes, expected) => {
  expect(counted(changes)).toEqual(expected);
});

describe('ended', () => {
  const base = { requests: 1, completed: 1, asked: 4, reserved_USD: 80_000 };

  test('charged for what was made: the rest is released', () => {
    expect(ended({ images: 3, amount: 60_000, currency: 'USD', source: 'prices' })).toEqual({
      ...base,
      made: 3,
      charged_USD: 60_000,
      released_USD: 20_000,
    });
  });

  test('charged more than was reserved: nothing is released', () => {
    expect(ended({ images: 5, amount: 100_000, currency: 'USD', source: 'provider' })).toEqual({
      ...base,
      made: 5,
      charged_USD: 100_000,
    });
  });

  test('charged in another currency: the reservation is released', () => {
    expect(ended({ images: 4, amount: 7_000_000, currency: 'credits', source: 'provider' })).toEqual({
      ...base,
      made: 4,
      charged_credits: 7_000_000,
      released_USD: 80_000,
    });
  });

  test('made without a price: counted, and the money is not 0 but unknown', () => {
    expect(
      counted({
        asked: { images: 4 },
        status: 'completed',
        charge: { images: 4, source: 'provider' },
      }),
    ).toEqual({ requests: 1, completed: 1, asked: 4, made: 4, unpriced: 4 });
  });

  test('lost images are made, and counted as lost', () => {
    const lost = [{ index: 1, reason: 'gone' as const }];
    const charge: Charge = { images: 4, amount: 80_000, currency: 'USD', source: 'prices' };
    expect(ended(charge, { lost })).toMatchObject({ made: 4, lost: 1 });
  });

  test('given up: charged as reserved, and nobody says that it was made', () => {
    expect(ended({ ...asked, source: 'reserved' }, { status: 'failed' })).toEqual({
      requests: 1,
      failed: 1,
      asked: 4,
      assumed: 4,
      reserved_USD: 80_000,
      charged_USD: 80_000,
    });
  });

  test('refused for good: failed, and all is released', () => {
    const charge: Charge = { images: 0, amount: 0, currency: 'USD', source: 'none' };
    expect(ended(charge, { status: 'failed', submission: 'refused' })).toEqual({
      requests: 1,
      failed: 1,
      refused: 1,
      asked: 4,
      reserved_USD: 80_000,
      released_USD: 80_000,
    });
  });
});

test('what is no figure counts nothing', () => {
  const strange = { images: Number.NaN, amount: 0.5, currency: 'USD' };

  expect(counted({ asked: strange })).toEqual({ requests: 1 });
});

test('callers see every count, and money by currency', () => {
  expect(
    publicUsage(ended({ images: 4, amount: 7_000_000, currency: 'credits', source: 'provider' })),
  ).toEqual({
    requests: 1,
    completed: 1,
    failed: 0,
    refused: 0,
    images: { asked: 4, made: 4, lost: 0, assumed: 0, unpriced: 0 },
    money: [
      { currency: 'USD', reserved: 0.08, charged: 0, released: 0.08 },
      { currency: 'credits', reserved: 0, charged: 7, released: 0 },
    ],
  });
});
