/** Which rows a task adds to, and what their entries say. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { TaskRecord } from '../../../shared/task/record.ts';
import { ledgerPrefix, readEntry, rowsOf } from '../../../shared/usage/ledger-rows.ts';
import { taskRecord } from '../../support/records.ts';

const entries = (record: Parameters<typeof rowsOf>[0], names: string[] = []) =>
  rowsOf(record, names).map(({ entry }) => entry);

test('one row by day, model and key, and one for each metadata that is counted', () => {
  const record = taskRecord({ metadata: { team: 'red#1', order: '42' } });

  expect(entries(record, ['team', 'project'])).toEqual([
    'day#2026-01-02#wan2.5-text-to-image#key-1',
    'metadata.team#2026-01-02#red#1',
    'metadata.project#2026-01-02',
  ]);
});

test('the day is that of the creation in UTC, whenever the task ended', () => {
  const created = Date.parse('2026-01-02T23:59:59Z') / 1000;
  const record = taskRecord({ created, status: 'completed', completed: created + 60 });

  expect(entries(record)).toEqual(['day#2026-01-02#wan2.5-text-to-image#key-1']);
});

test('every entry can be read again, and fits into a sort key', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 512 }), (value) => {
      const entry = entries(taskRecord({ metadata: { team: value } }), ['team'])[1]!;

      expect(Buffer.byteLength(entry)).toBeLessThanOrEqual(1024);
      expect(entry.isWellFormed()).toBe(true);
      expect(readEntry(entry)).toEqual({
        day: '2026-01-02',
        metadata: {
          name: 'team',
          value: Buffer.byteLength(value) <= 512 ? value : expect.stringMatching(/…[0-9a-f]{12}$/),
        },
      });
    }),
  );
});

test('values that begin alike stay apart, and one without a value is no empty one', () => {
  const of = (metadata: Record<string, string>) => entries(taskRecord({ metadata }), ['team'])[1];

  expect(of({ team: `${'红'.repeat(500)}a` })).not.toBe(of({ team: `${'红'.repeat(500)}b` }));
  expect(of({ team: '' })).not.toBe(of({}));
  expect(readEntry(of({})!)?.metadata).toEqual({ name: 'team', value: undefined });
});

test('metadata that is no text is counted as none', () => {
  const metadata = { team: 5 } as unknown as Record<string, string>;

  expect(entries(taskRecord({ metadata }), ['team'])[1]).toBe('metadata.team#2026-01-02');
});

test.each([
  ['no owner', { owner: undefined }],
  ['no time', { created: undefined }],
  ['a time that is no date', { created: 1e15 }],
  ['a model that is none', { model: 'a#b' }],
  ['no key', { key_id: undefined }],
])('a record with %s has no rows', (_, changes) => {
  expect(rowsOf({ ...taskRecord(), ...changes } as TaskRecord, ['team'])).toEqual([]);
});

test.each(['month#2026-01', 'budget', 'running#key-1', 'minute#key-1#2026-01-02T03:04', 'checkpoint'])(
  '%s is no entry of the ledger, and lies outside of every range of days',
  (entry) => {
    expect(readEntry(entry)).toBeUndefined();
    expect(entry.startsWith(ledgerPrefix(undefined, '').slice(0, -1))).toBe(false);
  },
);
