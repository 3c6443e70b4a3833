/** The ledger against the records, in real tables: what differs is found, told apart, and mended where it may be. */
import { DeleteItemCommand, PutItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { readStoredUsage } from '../../../../infra/operations/usage/stored-usage.ts';
import { verifyAll, wordsOf } from '../../../../infra/operations/usage/verify-all.ts';
import { attributesOf } from '../../../../shared/task/attributes.ts';
import type { TaskRecord } from '../../../../shared/task/record.ts';
import { rowAddition, rowsOf } from '../../../../shared/usage/ledger-rows.ts';
import { CREATED, type RecordChanges, taskRecord } from '../../../support/records.ts';
import { hasDynamoServer, openTables } from '../../../support/tasks-table.ts';

const DAY = 86_400;
const NAMES = ['team'];
const charge = { images: 2, amount: 40_000, currency: 'USD', source: 'prices' } as const;
const asked = { images: 2, amount: 40_000, currency: 'USD' };
const completed = (changes: RecordChanges = {}): TaskRecord =>
  taskRecord({ status: 'completed', completed: CREATED + 60, asked, charge, ...changes });
const ROW = 'day#2026-01-02#wan2.5-text-to-image#key-1';

describe.runIf(hasDynamoServer())('verify', async () => {
  const tasks = await openTables();
  const usage = { name: tasks.usage, client: tasks.client };
  afterAll(() => tasks.close());
  const client = usage.client;
  const written: TaskRecord[] = [];
  beforeEach(() => void vi.useFakeTimers({ now: (CREATED + 3 * DAY) * 1000, toFake: ['Date'] }));
  afterEach(async () => {
    vi.useRealTimers();
    for (const { id } of written.splice(0))
      await client.send(new DeleteItemCommand({ TableName: tasks.tasks.name, Key: marshall({ id }) }));
    const { rows, counters } = await readStoredUsage(client, usage.name);
    for (const { owner, entry } of [...rows, ...counters])
      await client.send(new DeleteItemCommand({ TableName: usage.name, Key: marshall({ owner, entry }) }));
  });
  const record = async (task: TaskRecord) => {
    written.push(task);
    await client.send(new PutItemCommand({ TableName: tasks.tasks.name, Item: attributesOf(task) }));
  };
  const count = async (task: TaskRecord) => {
    for (const row of rowsOf(task, NAMES))
      await client.send(new UpdateItemCommand({ TableName: usage.name, ...rowAddition(row) }));
  };
  const check = (isRepaired = false) =>
    verifyAll(client, { tasks: tasks.tasks.name, usage: usage.name, names: NAMES }, isRepaired);

  test('a ledger that was counted is equal', async () => {
    for (const task of [completed(), completed({ metadata: { team: 'red' } }), taskRecord({ asked })]) {
      await record(task);
      await count(task);
    }

    const { verification } = await check();
    expect(verification).toEqual({ tasks: 3, rows: 3, unverifiable: 0, differences: [] });
    expect(wordsOf(verification, 0)).toBe('3 tasks, 3 rows of the ledger: all equal');
  });

  test('what is missing of a day that is over is found, and repaired once', async () => {
    await record(completed());
    const counted = completed();
    await record(counted);
    await count(counted);

    const { verification } = await check();
    const first = await check(true);

    expect(verification.differences).toMatchObject([
      {
        owner: 'acme',
        entry: ROW,
        kind: 'repairable',
        missing: { requests: 1, made: 2, charged_USD: 40_000 },
      },
      { owner: 'acme', entry: 'metadata.team#2026-01-02', kind: 'repairable' },
    ]);
    expect(first.repaired).toBe(2);
    expect((await check(true)).verification.differences).toEqual([]);
  });

  test('a row whose changes may still come is told and left alone', async () => {
    await record(completed({ completed: CREATED + 2 * DAY }));

    const { verification, repaired } = await check(true);

    expect(verification.differences.map(({ kind }) => kind)).toEqual(['on its way', 'on its way']);
    expect(repaired).toBe(0);
    expect(wordsOf(verification, repaired)).toContain('may still come');
  });

  test('an open task keeps its rows from being repaired', async () => {
    await record(taskRecord({ asked }));

    expect((await check(true)).repaired).toBe(0);
  });

  test('a row that was written since it was read is not repaired', async () => {
    const task = completed();
    await record(task);
    const { differences } = (await check()).verification;
    await count(task);
    const { repair } = await import('../../../../infra/operations/usage/repair.ts');

    expect(await repair(client, usage.name, differences)).toBe(0);
    expect((await check()).verification.differences).toEqual([]);
  });

  test('a ledger that knows of more tasks than there are records is left as it is', async () => {
    await record(completed());
    await count(completed());
    await count(completed());

    const { verification, repaired } = await check(true);

    expect(verification.differences.map(({ kind }) => kind)).toEqual(['records gone', 'records gone']);
    expect(repaired).toBe(0);
  });

  test('days whose records may be deleted are not verified; without any record none is', async () => {
    await count(completed());
    expect((await check(true)).verification).toMatchObject({ unverifiable: 2, differences: [] });

    await record(completed({ created: CREATED + 2 * DAY, expires_at: CREATED + 3 * DAY }));
    expect((await check(true)).verification).toMatchObject({ unverifiable: 2 });
  });

  test('counters of budgets and of images at once hold open reservations and charges', async () => {
    const reservation = { attempt: 'a', day: '2026-01-02', budget: true, running: 'key-1' } as const;
    await record(taskRecord({ asked, reservation }));
    await record(completed({ charge: { ...charge, images: 1, amount: 20_000, budget_day: '2026-01-02' } }));
    const month = {
      owner: 'acme',
      entry: 'month#2026-01',
      ...{ images: 3, d02_images: 3, amount_USD: 60_000, d02_amount_USD: 60_000 },
      told: new Set(['x']),
    };
    const put = (item: object) =>
      client.send(new PutItemCommand({ TableName: usage.name, Item: marshall(item) }));
    const counters = async () =>
      (await check()).verification.differences.filter(({ kind }) => kind === 'counter');
    await put(month);
    await put({ owner: 'acme', entry: 'running#key-1', images: 2 });
    expect(await counters()).toEqual([]);

    await put({ ...month, images: 4 });
    expect(await counters()).toMatchObject([{ entry: 'month#2026-01', missing: { images: -1 } }]);
  });
});
