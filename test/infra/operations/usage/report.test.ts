/** Usage as an operator reads it, and how the command is called. */
import { expect, test } from 'vitest';
import { readCommand } from '../../../../infra/operations/usage/read-command.ts';
import { asCsv, asJson, asTable, linesOf } from '../../../../infra/operations/usage/report.ts';
import type { StoredRow } from '../../../../infra/operations/usage/stored-usage.ts';
import { type LedgerRow, readEntry } from '../../../../shared/usage/ledger-rows.ts';

const row = (owner: string, entry: string, counters: LedgerRow['counters']): StoredRow => ({
  owner,
  entry,
  of: readEntry(entry)!,
  writes: 1,
  counters,
});
const usd = {
  requests: 1,
  asked: 2,
  made: 2,
  reserved_USD: 40_000,
  charged_USD: 30_000,
  released_USD: 10_000,
};
const rows = [
  row('umbrella', 'day#2026-11-02#wan26_i2i#key_1', { requests: 3, asked: 3, charged_credits: 7_500_000 }),
  row('acme', 'day#2026-11-02#wan26_i2i#key_1', usd),
  row('acme', 'day#2026-11-03#wan2.5-text-to-image#key_1', usd),
  row('acme', 'day#2026-10-31#wan26_i2i#key_1', usd),
  row('acme', 'metadata.team#2026-11-02#=cmd|"a",b', usd),
];
const november = { from: '2026-11-01', to: '2026-11-30' };

test('by owner: every owner once, within the days, money by currency and empty where there is none', () => {
  expect(asTable(linesOf(rows, { ...november, grouping: { kind: 'owner' } })).split('\n')).toEqual([
    expect.stringMatching(
      /^owner +requests +completed .* reserved_USD +charged_USD +released_USD +reserved_credits/,
    ),
    expect.stringMatching(/^acme +2 +0 +0 +0 +4 +4 +0 +0 +0 +0.08 +0.06 +0.02$/),
    expect.stringMatching(/^umbrella +3 +0 +0 +0 +3 +0 +0 +0 +0 +7.5$/),
  ]);
  expect(asTable([])).toBe('No tasks were counted in these days.');
});

test('as CSV: quoted where it must be, and no cell is a formula', () => {
  const csv = asCsv(linesOf(rows, { ...november, grouping: { kind: 'metadata', name: 'team' } }));

  expect(csv).toBe(
    'owner,group,requests,completed,failed,refused,asked,made,lost,assumed,unpriced,reserved_USD,charged_USD,released_USD\r\n' +
      'acme,"\'=cmd|""a"",b",1,0,0,0,2,2,0,0,0,0.04,0.03,0.01\r\n',
  );
});

test('as JSON: what GET /v1/usage says, with the owner', () => {
  const [first] = asJson(linesOf(rows, { ...november, grouping: { kind: 'day' } }));

  expect(first).toMatchObject({
    owner: 'acme',
    group: '2026-11-02',
    requests: 1,
    money: [{ currency: 'USD', reserved: 0.04, charged: 0.03, released: 0.01 }],
  });
});

const NOW = Date.parse('2026-11-24T10:00:00Z');

test('this month, by owner, as a table, unless told otherwise', () => {
  expect(readCommand(['outputs.json'], NOW)).toEqual({
    file: 'outputs.json',
    endpoint: undefined,
    from: '2026-11-01',
    to: '2026-11-24',
    grouping: { kind: 'owner' },
    form: 'table',
    verify: false,
    repair: false,
  });
});

test.each([
  [[], 'There must be one outputs file'],
  [['a', '--from', '2026-12-01', '--to', '2026-11-01'], '--from must not be after --to'],
  [['a', '--from', '2025-01-01', '--to', '2026-11-01'], '--to must be at most 365 days after --from'],
  [['a', '--to', '2026-02-30'], '--to must be a date like 2026-11-24, in UTC, not 2026-02-30'],
  [['a', '--group-by', 'colour'], '--group-by must be owner, day, model, key or metadata.<name>, not colour'],
  [['a', '--csv', '--json'], '--csv and --json exclude each other'],
  [['a', '--repair'], '--repair goes with --verify'],
  [['a', '--verify', '--csv'], '--verify has no CSV'],
  [['a', '--months', '2'], "Unknown option '--months'"],
])('%j is refused', (args, message) => {
  expect(() => readCommand(args, NOW)).toThrow(message);
});
