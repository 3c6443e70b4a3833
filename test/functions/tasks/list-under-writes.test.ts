/**
 * A list that is read page by page while it grows, and while its tasks go through their lives: every task that was there
 * when the reading began is shown exactly once, newest first (docs/decisions/cursors.md).
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cursorOf, placeOf } from '../../../functions/tasks/cursor.ts';
import { type ListFilters, listTasks } from '../../../functions/tasks/list-tasks.ts';
import type { TaskRecord } from '../../../shared/task/record.ts';
import { CREATED, outcome, taskRecord } from '../../support/records.ts';
import { hasDynamoServer, lister, openTables, type TestTables } from '../../support/tasks-table.ts';

const TASKS = 1000;
/** Ten tasks a second, so that an order by seconds alone would not be one. */
const PER_SECOND = 10;
const owner = 'acme';

describe.runIf(hasDynamoServer())('a list of 1,000 tasks that grows', () => {
  let tables: TestTables;
  /** Newest first, as they were when the reading began. */
  let tasks: TaskRecord[];
  let arrived = 0;
  beforeAll(async () => {
    tables = await openTables();
    tasks = Array.from({ length: TASKS }, (_, nth) =>
      taskRecord({ owner, created: CREATED + Math.floor(nth / PER_SECOND) }),
    );
    for (let from = 0; from < TASKS; from += 50) {
      await Promise.all(tasks.slice(from, from + 50).map((task) => tables.store.putIntent(task)));
    }
    tasks.sort((a, b) => (a.created_id < b.created_id ? 1 : -1));
  });
  afterAll(() => tables.close());

  /** Some tasks more, and some of those that are there accepted or ended. */
  async function write() {
    const newest = Array.from({ length: 3 }, () =>
      taskRecord({ owner, created: CREATED + TASKS + arrived++ }),
    );
    await Promise.all(newest.map((task) => tables.store.putIntent(task)));
    const changed = Array.from({ length: 5 }, (_, nth) => tasks[(arrived * 37 + nth * 211) % TASKS]!);
    await Promise.all(
      changed.map(({ id }, nth) =>
        nth % 2
          ? tables.store.accept(id, { provider_task_id: id })
          : tables.store.conclude(id, outcome({ provider_task_id: id })),
      ),
    );
  }

  /** Reads to the end with cursors, as callers have them, and writes between any two pages. */
  async function read(filters: ListFilters, limit: number): Promise<TaskRecord[]> {
    const seen: TaskRecord[] = [];
    let after: string | undefined;
    do {
      const { records, next } = await listTasks(lister(tables), { ...filters, limit, after });
      seen.push(...records);
      after = next && placeOf(filters, cursorOf(filters, next));
      expect(after).toBe(next);
      await write();
    } while (after);
    return seen;
  }

  const idsOf = (records: readonly TaskRecord[]) => records.map(({ id }) => id);

  test.each([100, 33])('holds each exactly once, newest first: pages of %i', async (limit) => {
    const { records: before } = await listTasks(lister(tables), { owner, limit: 1 });
    const ids = idsOf(await read({ owner }, limit));

    expect(ids[0]).toBe(before[0]!.id);
    expect(ids.slice(-TASKS)).toEqual(idsOf(tasks));
    expect(new Set(ids).size).toBe(ids.length);
  });

  test('and those of some dates likewise', async () => {
    const dates = { createdAfter: (CREATED + 20) * 1000, createdBefore: (CREATED + 70) * 1000 };
    const ids = idsOf(await read({ owner, ...dates }, 33));

    expect(ids).toEqual(idsOf(tasks.slice(30 * PER_SECOND, 80 * PER_SECOND)));
    expect(ids).toHaveLength(50 * PER_SECOND);
  });

  test('from a date on: what arrives meanwhile does not come in between', async () => {
    const filters = { owner, createdAfter: (CREATED + 50) * 1000 };
    const ids = idsOf(await read(filters, 50));

    expect(ids.slice(-50 * PER_SECOND)).toEqual(idsOf(tasks.slice(0, 50 * PER_SECOND)));
    expect(new Set(ids).size).toBe(ids.length);
  });

  test('a filter that keeps none of them gives a place to go on from after 1,000', async () => {
    const { records: all } = await listTasks(lister(tables), { owner, limit: 100 });
    const filters = { owner, status: 'failed', limit: 20 };

    const first = await listTasks(lister(tables), filters);

    expect(first).toEqual({ records: [], next: expect.any(String) });
    const newer = await listTasks(lister(tables), { owner, limit: 100, createdAfter: momentOf(first.next!) });
    expect(newer.records).toEqual(all);
    expect(await listTasks(lister(tables), { ...filters, after: first.next })).toEqual({ records: [] });
  });

  const momentOf = (place: string): number => Number(place.slice(0, 15));
});
