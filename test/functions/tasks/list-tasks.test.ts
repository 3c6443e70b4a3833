/** The list on a real index: newest first, every task once over all pages, filters, and only the owner's own. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ListQuery, listTasks } from '../../../functions/tasks/list-tasks.ts';
import type { TaskRecord } from '../../../shared/task/record.ts';
import { CREATED, taskRecord } from '../../support/records.ts';
import { hasDynamoServer, lister, openTables, type TestTables } from '../../support/tasks-table.ts';

const TASKS = 55;
const models = ['wan2.5-text-to-image', 'wan26_i2i'];
const statuses = ['pending', 'processing', 'completed', 'failed', 'completed'] as const;

describe.runIf(hasDynamoServer())('the list', () => {
  let tables: TestTables;
  /** Newest first. Several tasks share a second, as in a burst. */
  let tasks: TaskRecord[];
  beforeAll(async () => {
    tables = await openTables();
    tasks = Array.from({ length: TASKS }, (_, nth) =>
      taskRecord({
        created: CREATED + Math.floor(nth / 3),
        model: models[nth % models.length]!,
        status: statuses[nth % statuses.length]!,
      }),
    );
    const others = Array.from({ length: 5 }, () => taskRecord({ owner: 'globex' }));
    await Promise.all([...tasks, ...others].map((task) => tables.store.putIntent(task)));
    tasks.sort((a, b) => (a.created_id < b.created_id ? 1 : -1));
  });
  afterAll(() => tables.close());

  const list = (query: Partial<ListQuery>) =>
    listTasks(lister(tables), { owner: 'acme', limit: 20, ...query });

  /** Follows the cursor to the end. */
  async function pages(query: Partial<ListQuery>): Promise<TaskRecord[][]> {
    const all: TaskRecord[][] = [];
    let after: string | undefined;
    do {
      const { records, next } = await list({ ...query, after });
      all.push([...records]);
      after = next;
    } while (after && all.length < 100);
    return all;
  }

  test.each([
    [20, [20, 20, 15]],
    [1, Array(TASKS).fill(1)],
    [11, [11, 11, 11, 11, 11]],
    [54, [54, 1]],
    [55, [55]],
    [100, [55]],
  ])(
    'pages of %i hold every task once, newest first, and end when there is no more',
    async (limit, sizes) => {
      const all = await pages({ limit });

      expect(all.map(({ length }) => length)).toEqual(sizes);
      expect(all.flat()).toEqual(tasks);
    },
  );

  test('holds nothing of another owner, and nothing for an unknown one', async () => {
    expect((await list({ owner: 'globex' })).records).toHaveLength(5);
    expect(await list({ owner: 'nobody' })).toEqual({ records: [], next: undefined });
  });

  test.each([
    [{ status: 'completed' }],
    [{ status: 'pending' }],
    [{ model: 'wan26_i2i' }],
    [{ model: 'wan26_i2i', status: 'completed' }],
    [{ model: 'wan25_t2i_preview' }],
  ])('with the filter %o', async (filter) => {
    const wanted = tasks.filter((task) =>
      Object.entries(filter).every(([name, value]) => task[name as 'status'] === value),
    );

    for (const limit of [4, 100]) {
      const all = await pages({ ...filter, limit });
      expect(all.flat()).toEqual(wanted);
      expect(all.every(({ length }) => length <= limit)).toBe(true);
    }
  });

  /** The ones a filter by dates keeps, by the milliseconds of their `created_id`. */
  const between = (from: number, to: number) =>
    tasks.filter(({ created_id }) => {
      const moment = Number(created_id.slice(0, 15));
      return from <= moment && moment < to;
    });

  test.each<[string, number, number]>([
    ['some', CREATED + 3, CREATED + 9],
    ['one second', CREATED + 4, CREATED + 5],
    ['all', CREATED - 1, CREATED + 100],
    ['none before', CREATED - 100, CREATED],
    ['none after', CREATED + 19, CREATED + 100],
    ['a time before 1970', -(10 ** 9), CREATED + 2],
    ['only a time before 1970', -(10 ** 9), -1],
  ])('of dates: from the first moment on, until before the last: %s', async (_, from, to) => {
    const dates = { createdAfter: from * 1000, createdBefore: to * 1000 };

    for (const limit of [2, 100]) {
      expect((await pages({ ...dates, limit })).flat()).toEqual(between(from * 1000, to * 1000));
    }
    const completed = between(from * 1000, to * 1000).filter(({ status }) => status === 'completed');
    expect((await pages({ ...dates, status: 'completed', limit: 2 })).flat()).toEqual(completed);
  });

  test('of half of the dates, and both halves hold every task once', async () => {
    const moment = (CREATED + 7) * 1000;
    const late = (await pages({ createdAfter: moment, limit: 7 })).flat();
    const early = (await pages({ createdBefore: moment, limit: 7 })).flat();

    expect([...late, ...early]).toEqual(tasks);
    expect(early).not.toHaveLength(0);
    expect(late).not.toHaveLength(0);
  });

  test.each<[string, Record<string, string>, number]>([
    ['one pair', { order: '42' }, 2],
    ['two pairs', { order: '42', 'a.b[0]': '#x = :v0' }, 1],
    ['a value of another task', { order: '43' }, 1],
    ['a value that none has', { order: '44' }, 0],
    ['a key that none has', { constructor: 'x' }, 0],
  ])('of metadata: %s', async (_, metadata, count) => {
    const owner = 'initech';
    const given = [{ order: '42' }, { order: '42', 'a.b[0]': '#x = :v0' }, { order: '43' }, {}];
    const kept = given.map((metadata, nth) =>
      taskRecord({ owner, metadata, id: `task_0000000000000000000000000${nth}` }),
    );
    await Promise.all(kept.map((task) => tables.store.putIntent(task)));

    const { records } = await list({ owner, metadata });

    expect(records).toHaveLength(count);
    for (const record of records) expect(record.metadata).toMatchObject(metadata);
  });

  test('goes on behind a place that is no longer there', async () => {
    const { records } = await list({ after: `${String(CREATED + 10).padStart(12, '0')}#task_` });
    expect(records).toEqual(tasks.filter(({ created }) => created < CREATED + 10).slice(0, 20));
  });
});
