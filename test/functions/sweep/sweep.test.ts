/** The daily sweep: over a real table with its index, and what it does with pages, many tasks and faults. */

import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { scanIndex } from '../../../functions/sweep/scan-index.ts';
import {
  type SweepDependencies,
  type SweptTask,
  sweep,
  sweptAttributes,
} from '../../../functions/sweep/sweep.ts';
import { pause } from '../../../shared/runtime/pause.ts';
import { batchRead } from '../../../shared/task/batch-read.ts';
import type { TaskRecord } from '../../../shared/task/record.ts';
import { CREATED, type RecordChanges, taskRecord } from '../../support/records.ts';
import { hasDynamoServer, openTables, type TestTables } from '../../support/tasks-table.ts';
import { keptTelemetry } from '../../support/telemetry.ts';

const HOUR = 3600;
const NOW = CREATED + 100 * HOUR;
/** @param hours since it was created */
const agedTask = (hours: number, changes: RecordChanges = {}): TaskRecord =>
  taskRecord({ created: NOW - hours * HOUR, ...changes });

describe.runIf(hasDynamoServer())('over a table', () => {
  let tables: TestTables;
  beforeAll(async () => {
    tables = await openTables();
  });
  afterAll(() => tables.close());

  const swept = async () => {
    const telemetry = keptTelemetry();
    const { client, tasks } = tables;
    const result = await sweep({
      pages: (first, last) => scanIndex(client, { table: tasks.name, index: tasks.index }, first, last),
      readTasks: (ids) => batchRead<keyof SweptTask>(client, tasks.name, ids, pause, sweptAttributes),
      telemetry,
      now: () => NOW * 1000,
    });
    return { result, telemetry };
  };

  test('it counts and names those that are open after 25 hours, whoever owns them', async () => {
    const found = [
      agedTask(25.1),
      agedTask(30, { status: 'processing', submission: 'accepted', owner: 'globex' }),
      agedTask(72.9, { submission: 'refused', prompt: 'a secret fox' }),
      agedTask(40, { reported_at: NOW - 39 * HOUR }),
    ];
    const others = [
      // Too young, and told of already on two days.
      agedTask(24.9),
      agedTask(1),
      agedTask(73.1),
      agedTask(26, { status: 'completed' }),
      agedTask(50, { status: 'failed', owner: 'globex' }),
    ];
    await Promise.all([...found, ...others].map((task) => tables.store.putIntent(task)));

    const { result, telemetry } = await swept();

    expect(result).toEqual({ looked: found.length + 2, open: found.length });
    expect(telemetry.measured).toEqual([[{ OpenBeyond25Hours: found.length }, undefined]]);
    const told = telemetry.lines.filter((line) =>
      line.startsWith('a task has been open for more than 25 hours'),
    );
    expect(told).toHaveLength(found.length);
    for (const { id } of found) expect(told.join()).toContain(id);
    expect(telemetry.lines.join()).not.toContain('a secret fox');
  });
});

/** Pages of ids, all of open tasks but for those that `ended` names. */
function swept(pages: string[][], ended: string[] = []) {
  const telemetry = keptTelemetry();
  const read: number[] = [];
  const dependencies: SweepDependencies = {
    async *pages() {
      yield* pages;
    },
    readTasks: async (ids) => {
      read.push(ids.length);
      const tasks = ids.map((id) =>
        agedTask(30, { id, status: ended.includes(id) ? 'completed' : 'pending' }),
      );
      return new Map(tasks.map((task) => [task.id, task]));
    },
    telemetry,
    now: () => NOW * 1000,
  };
  return { telemetry, read, dependencies };
}

test('a table without such tasks is counted as none, so that a sweep which did not run is told from it', async () => {
  const { dependencies, telemetry } = swept([[], []]);

  expect(await sweep(dependencies)).toEqual({ looked: 0, open: 0 });
  expect(telemetry.measured).toEqual([[{ OpenBeyond25Hours: 0 }, undefined]]);
});

test('records are read a hundred at a time, and a hundred tasks are named at the most', async () => {
  const ids = Array.from({ length: 250 }, (_, nth) => `task_${nth}`);
  const { dependencies, telemetry, read } = swept([ids, ['task_last']], ['task_0']);

  expect(await sweep(dependencies)).toEqual({ looked: 251, open: 250 });
  expect(read).toEqual([100, 100, 50, 1]);
  expect(telemetry.lines.filter((line) => line.includes('task_'))).toHaveLength(100);
});

test('when something cannot be read, nothing is counted: Lambda tries again, and its alarm rings', async () => {
  const { dependencies, telemetry } = swept([['task_1']]);
  const readTasks = async () => {
    throw new Error('throttled');
  };

  await expect(sweep({ ...dependencies, readTasks })).rejects.toThrow('throttled');
  expect(telemetry.measured).toEqual([]);
});

test('the index is read to its end, also over pages that hold nothing', async () => {
  const answers = [
    { Items: [{ id: 'a' }, { id: 'a' }, { id: 'b' }], LastEvaluatedKey: { id: 'b' } },
    { Items: [], LastEvaluatedKey: { id: 'k' } },
    { Items: [{ id: 'z' }] },
  ];
  const starts: unknown[] = [];
  const client = {
    send: async ({ input }: { input: { ExclusiveStartKey?: unknown } }) => {
      starts.push(input.ExclusiveStartKey);
      const { Items, LastEvaluatedKey: key } = answers.shift()!;
      return { Items: Items.map((item) => marshall(item)), ...(key && { LastEvaluatedKey: marshall(key) }) };
    },
  } as unknown as DynamoDBClient;

  const pages: (readonly string[])[] = [];
  for await (const page of scanIndex(client, { table: 't', index: 'i' }, '0', '9')) pages.push(page);

  expect(pages).toEqual([['a', 'b'], [], ['z']]);
  expect(starts).toEqual([undefined, marshall({ id: 'b' }), marshall({ id: 'k' })]);
});
