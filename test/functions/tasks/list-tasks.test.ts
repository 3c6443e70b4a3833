/** The list on a real index: newest first, every task once over all pages, filters, and only the owner's own. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ListQuery, listTasks } from '../../../functions/tasks/list-tasks.ts';
import type { TaskRecord } from '../../../shared/task/record.ts';
import { CREATED, taskRecord } from '../../support/records.ts';
import { hasDynamoServer, openTables, type TestTables } from '../../support/tasks-table.ts';

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
    listTasks(tables.client, tables.tasks, { owner: 'acme', limit: 20, ...query });

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

  test('goes on behind a place that is no longer there', async () => {
    const { records } = await list({ after: `${String(CREATED + 10).padStart(12, '0')}#task_` });
    expect(records).toEqual(tasks.filter(({ created }) => created < CREATED + 10).slice(0, 20));
  });
});
