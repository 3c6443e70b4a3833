/** What the list may be asked: every parameter at its boundary and one past it. */
import { describe, expect, test } from 'vitest';
import { cursorOf, listQuery } from '../../../functions/tasks/list-query.ts';
import { Problem } from '../../../shared/http/problem.ts';
import { modelNames } from '../../../shared/providers/definitions.ts';
import { taskRecord } from '../../support/records.ts';

const problemOf = (given: Record<string, string>) => {
  try {
    listQuery('acme', given);
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
  ])('%s=%s', (name, value, query) => {
    expect(listQuery('acme', { [name]: value })).toMatchObject(query);
  });

  test('a cursor leads back to its place', () => {
    const { created_id } = taskRecord();
    const cursor = cursorOf(created_id);

    expect(cursor).toMatch(/^[A-Za-z0-9_-]+$/);
    expect(listQuery('acme', { cursor }).after).toBe(created_id);
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
    ['cursor', cursorOf('000000000001#task_short'), 'next_cursor'],
    ['cursor', cursorOf('1#task_01JGJ0000000000000000000AA'), 'next_cursor'],
    ['cursor', cursorOf('001767323045#task_01JGJ0000000000000000000AA OR 1=1'), 'next_cursor'],
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
