/** What `GET /v1/usage` takes, and what it says of what it does not take. */
import { expect, test } from 'vitest';
import { cursorOf } from '../../../functions/usage/cursor.ts';
import { readQuery } from '../../../functions/usage/read-query.ts';
import type { Problem } from '../../../shared/http/problem.ts';

const NOW = Date.parse('2026-11-24T10:00:00Z');
const read = (given: Record<string, string>, names = ['team'], owner = 'acme') =>
  readQuery(owner, given, names, NOW);
const refusalOf = (given: Record<string, string>, names?: string[]) => {
  try {
    read(given, names);
  } catch (error) {
    const { status, body } = error as Problem;
    return [status, body.param, body.message];
  }
  return undefined;
};

test('this month up to today, by day, unless told otherwise', () => {
  const grouping = { kind: 'day' };

  expect(read({})).toEqual({ owner: 'acme', from: '2026-11-01', to: '2026-11-24', grouping });
  expect(read({ to: '2025-02-10' })).toMatchObject({ from: '2025-02-01', to: '2025-02-10' });
  expect(read({ group_by: 'metadata.team' })).toMatchObject({ grouping: { kind: 'metadata', name: 'team' } });
  expect(read({ from: '2025-11-24', to: '2026-11-24' })).toMatchObject({ from: '2025-11-24' });
});

test.each([
  [{ from: '2026-11-24', to: '2026-11-23' }, 'from', 'from must not be after to'],
  [{ from: '2025-11-23', to: '2026-11-24' }, 'to', 'to must be at most 365 days after from'],
  [{ from: '2026-02-30' }, 'from', 'from must be a date like 2026-11-24, in UTC'],
  [{ to: '2026-11-24T00:00:00Z' }, 'to', 'to must be a date like 2026-11-24, in UTC'],
  [{ to: 'yesterday' }, 'to', 'to must be a date like 2026-11-24, in UTC'],
  [{ group_by: 'owner' }, 'group_by', 'group_by must be one of day, model, key, metadata.team'],
  [{ group_by: 'metadata.order' }, 'group_by', 'group_by must be one of day, model, key, metadata.team'],
  [{ groupby: 'day' }, 'groupby', 'groupby is not a parameter; allowed are from, to, group_by, cursor'],
])('%j is refused', (given, param, message) => {
  expect(refusalOf(given as Record<string, string>)).toEqual([400, param, message]);
});

test('where no metadata is counted, the refusal says so', () => {
  expect(refusalOf({ group_by: 'metadata.team' }, [])).toEqual([
    400,
    'group_by',
    'group_by must be one of day, model, key: the setting usageMetadata names no metadata to group by',
  ]);
});

test('a cursor is good for its own owner and parameters alone', () => {
  const range = { from: '2026-11-01', to: '2026-11-24' };
  const entry = 'day#2026-11-03#wan26_i2i#key_1';
  const cursor = cursorOf(read(range), entry);

  expect(read({ ...range, cursor })).toMatchObject({ after: entry });
  for (const other of [
    { ...range, cursor, group_by: 'model' },
    { ...range, to: '2026-11-23', cursor },
    { ...range, cursor: `${cursor}x` },
    { ...range, cursor: '' },
    { ...range, cursor: Buffer.from(`0123456789abcdef ${entry}`).toString('base64url') },
  ]) {
    expect(refusalOf(other)?.[1]).toBe('cursor');
  }
  expect(() => read({ ...range, cursor }, ['team'], 'umbrella')).toThrow('400 invalid_parameters');
});

test.each([
  ['a day before the range', 'day#2026-10-31#wan26_i2i#key_1'],
  ['a day after it', 'day#2026-11-25#wan26_i2i#key_1'],
  ['another grouping', 'metadata.team#2026-11-03#red'],
  ['no row of the ledger', 'month#2026-11'],
])('a made-up cursor to %s is refused, not a fault', (_, place) => {
  const range = { from: '2026-11-01', to: '2026-11-24' };

  expect(refusalOf({ ...range, cursor: cursorOf(read(range), place) })?.[1]).toBe('cursor');
});
