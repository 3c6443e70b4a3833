/** What the list may be asked: every parameter at its boundary and one past it. */
import { describe, expect, test } from 'vitest';
import { cursorOf } from '../../../functions/tasks/cursor.ts';
import { listQuery } from '../../../functions/tasks/list-query.ts';
import { Problem } from '../../../shared/http/problem.ts';
import { modelNames } from '../../../shared/providers/definitions.ts';
import { taskRecord } from '../../support/records.ts';

const problemOf = (given: Record<string, string>, owner = 'acme') => {
  try {
    listQuery(owner, given);
  } catch (error) {
    return error instanceof Problem ? { status: error.status, ...error.body } : error;
  }
};

test('nothing given: the newest 20 of the owner', () => {
  expect(listQuery('acme', {})).toEqual({
    owner: 'acme',
    status: undefined,
    model: undefined,
    limit: 20,
    after: undefined,
  });
});

describe('accepted', () => {
  const statuses = ['pending', 'processing', 'completed', 'failed'];
  test.each<[string, string, object]>([
    ['limit', '1', { limit: 1 }],
    ['limit', '100', { limit: 100 }],
    ...statuses.map((status): [string, string, object] => ['status', status, { status }]),
    ...modelNames.map((model): [string, string, object] => ['model', model, { model }]),
    ['created_after', '2026-01-02T03:04:05Z', { createdAfter: Date.UTC(2026, 0, 2, 3, 4, 5) }],
    ['created_after', '2026-01-02T03:04:05.678Z', { createdAfter: Date.UTC(2026, 0, 2, 3, 4, 5, 678) }],
    ['created_before', '2026-01-02T03:04:05+05:30', { createdBefore: Date.UTC(2026, 0, 1, 21, 34, 5) }],
    ['created_before', '2026-01-02', { createdBefore: Date.UTC(2026, 0, 2) }],
    ['created_before', '2024-02-29', { createdBefore: Date.UTC(2024, 1, 29) }],
    ['created_after', '0001-01-01', { createdAfter: Date.parse('0001-01-01') }],
    ['metadata[order]', '42', { metadata: { order: '42' } }],
    ['metadata[a.b[0] = :x]', '', { metadata: { 'a.b[0] = :x': '' } }],
    [`metadata[${'船'.repeat(64)}]`, '红', { metadata: { ['船'.repeat(64)]: '红' } }],
  ])('%s=%s', (name, value, query) => {
    expect(listQuery('acme', { [name]: value })).toMatchObject(query);
  });

  test('a cursor leads back to its place', () => {
    const { created_id } = taskRecord();
    const cursor = cursorOf({ owner: 'acme' }, created_id);

    expect(cursor).toMatch(/^[A-Za-z0-9_-]+$/);
    expect(listQuery('acme', { cursor }).after).toBe(created_id);
    expect(listQuery('acme', { cursor, limit: '7' })).toMatchObject({ after: created_id, limit: 7 });
  });

  test('a cursor goes with its filters, however their dates are spelt', () => {
    const { created_id } = taskRecord();
    const given = { status: 'failed', created_after: '2026-01-02', 'metadata[order]': '42' };
    const cursor = cursorOf(listQuery('acme', given), created_id);

    expect(listQuery('acme', { ...given, cursor }).after).toBe(created_id);
    expect(listQuery('acme', { ...given, created_after: '2026-01-02T01:00:00+01:00', cursor }).after).toBe(
      created_id,
    );
  });
});

describe('refused', () => {
  const each = (name: string, allowed: string, values: readonly string[]) =>
    values.map((value): [string, string, string] => [name, value, allowed]);
  test.each([
    ...each('limit', 'an integer from 1 to 100', [
      '0',
      '101',
      '-1',
      '1.5',
      '',
      'ten',
      '1e2',
      ' 5',
      '0x10',
      '9999',
    ]),
    ...each('status', 'completed', ['cancelled', 'COMPLETED', '', 'constructor']),
    ...each('model', 'wan26_i2i', ['wan3', '', 'toString']),
    ['cursor', '', 'next_cursor'],
    ['cursor', 'garbage', 'next_cursor'],
    ['cursor', cursorOf({ owner: 'acme' }, '000000000001#task_short'), 'next_cursor'],
    ['cursor', cursorOf({ owner: 'acme' }, '1#task_01JGJ0000000000000000000AA'), 'next_cursor'],
    [
      'cursor',
      cursorOf({ owner: 'acme' }, '001767323045000#task_01JGJ0000000000000000000AA OR 1=1'),
      'next_cursor',
    ],
    ...each('created_after', 'RFC 3339', [
      '',
      'yesterday',
      '1767323045',
      '2026-01-02T03:04:05',
      '2026-01-02T03:04:05 02:00',
      '2026-02-30',
      '2026-13-01',
      '2026-1-2',
      '2026-01-02T24:00:00Z',
    ]),
    ...each('created_before', 'RFC 3339', ['', '2026-02-29T00:00:00Z', '2026-01-02T03:04:05Z,2026-01-03']),
    ['metadata[]', '42', 'metadata[key]'],
    ['metadata[__proto__]', '42', 'metadata[key]'],
    [`metadata[${'船'.repeat(65)}]`, '42', 'metadata[key]'],
    ['metadata', '42', 'metadata[key]=value'],
    ['owner', 'globex', 'status, model, limit, cursor'],
    ['Limit', '5', 'status, model, limit, cursor'],
  ])('%s=%s', (name, value, allowed) => {
    expect(problemOf({ [name]: value })).toMatchObject({
      status: 400,
      code: 'invalid_parameters',
      param: name,
      message: expect.stringContaining(allowed),
    });
  });
});

describe('a cursor is refused', () => {
  const { created_id } = taskRecord();
  const given = { model: 'wan26_i2i', created_after: '2026-01-01', 'metadata[order]': '42' };
  const cursor = cursorOf(listQuery('acme', given), created_id);
  const character = (at: number) => (cursor[at] === 'A' ? 'B' : 'A');

  test.each<[string, Record<string, string>, string]>([
    ['of another owner', { ...given, cursor }, 'globex'],
    ['without its filters', { cursor }, 'acme'],
    ['with another model', { ...given, model: 'wan25_t2i_preview', cursor }, 'acme'],
    ['with a filter more', { ...given, status: 'failed', cursor }, 'acme'],
    ['with another date', { ...given, created_after: '2026-01-02', cursor }, 'acme'],
    ['with other metadata', { ...given, 'metadata[order]': '43', cursor }, 'acme'],
    [
      'with a character changed',
      { ...given, cursor: cursor.slice(0, 9) + character(9) + cursor.slice(10) },
      'acme',
    ],
    ['with a character more', { ...given, cursor: `${cursor}=` }, 'acme'],
    ['with a character less', { ...given, cursor: cursor.slice(0, -1) }, 'acme'],
  ])('%s', (_, query, owner) => {
    expect(problemOf(query, owner)).toMatchObject({
      status: 400,
      code: 'invalid_parameters',
      param: 'cursor',
    });
  });

  // DynamoDB answers such a place with an error, which would be ours.
  test('that was made up for a place outside of its dates', () => {
    const filters = listQuery('acme', { created_before: '2025-01-01' });

    expect(
      problemOf({ created_before: '2025-01-01', cursor: cursorOf(filters, created_id) }, 'acme'),
    ).toMatchObject({ param: 'cursor' });
  });
});

test.each(['2026-01-02', '2026-01-01'])('nothing is created after 2026-01-02 and before %s', (before) => {
  expect(problemOf({ created_after: '2026-01-02', created_before: before })).toMatchObject({
    status: 400,
    param: 'created_before',
    message: 'created_before must be later than created_after',
  });
});
