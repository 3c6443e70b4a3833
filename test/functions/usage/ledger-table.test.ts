/** The ledger in a real table: written by `ledger`, read by `usage`. */
import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { afterAll, describe, expect, test } from 'vitest';
import { chunksOf, sortable } from '../../../functions/ledger/chunks.ts';
import { keepLedger } from '../../../functions/ledger/keep-ledger.ts';
import { ledgerStore } from '../../../functions/ledger/store.ts';
import { readUsage, type UsageQuery } from '../../../functions/usage/read-usage.ts';
import type { TaskRecord } from '../../../shared/task/record.ts';
import { CREATED, type RecordChanges, taskRecord } from '../../support/records.ts';
import { hasDynamoServer, openTables } from '../../support/tasks-table.ts';

const DAY = 86_400;

describe.runIf(hasDynamoServer())('the ledger', async () => {
  const tables = await openTables();
  const table = { client: tables.client, name: tables.usage };
  afterAll(() => tables.close());
  const store = ledgerStore(table.client, table.name, {
    now: () => CREATED * 1000,
    pause: async () => undefined,
    random: Math.random,
  });
  let sequence = 0;
  /** Tasks that were created, as a batch of one shard. */
  const count = (owner: string, tasks: readonly RecordChanges[], shardId = `shard-${owner}`) =>
    keepLedger(
      store,
      shardId,
      tasks.map((changes) => ({
        sequence: sortable(String(++sequence)),
        before: undefined,
        after: taskRecord({ owner, asked: { images: 2, amount: 40_000, currency: 'USD' }, ...changes }),
      })),
      ['team'],
    );
  const query = (owner: string, more: Partial<UsageQuery> = {}): UsageQuery => ({
    owner,
    from: '2026-01-01',
    to: '2026-01-31',
    grouping: { kind: 'day' },
    ...more,
  });
  const read = (owner: string, more: Partial<UsageQuery> = {}, mostRows?: number) =>
    readUsage(table.client, table.name, query(owner, more), mostRows);

  test('sums by day, model, key and metadata, each over all of the owner’s tasks', async () => {
    await count('sums', [
      { metadata: { team: 'red' } },
      { metadata: { team: 'red' }, key_id: 'key-2' },
      { metadata: {}, model: 'wan26_i2i', created: CREATED + DAY },
      { metadata: { team: 'red' }, created: CREATED + 40 * DAY },
    ]);
    await count('others', [{}]);
    const groups = async (more: Partial<UsageQuery>) =>
      (await read('sums', more)).data.map(({ day, group, requests }) => [day, group, requests]);

    expect(await groups({})).toEqual([
      ['2026-01-02', null, 2],
      ['2026-01-03', null, 1],
    ]);
    expect(await groups({ grouping: { kind: 'model' } })).toEqual([
      ['2026-01-02', 'wan2.5-text-to-image', 2],
      ['2026-01-03', 'wan26_i2i', 1],
    ]);
    expect(await groups({ grouping: { kind: 'key' } })).toEqual([
      ['2026-01-02', 'key-1', 1],
      ['2026-01-02', 'key-2', 1],
      ['2026-01-03', 'key-1', 1],
    ]);
    expect(await groups({ grouping: { kind: 'metadata', name: 'team' } })).toEqual([
      ['2026-01-02', 'red', 2],
      ['2026-01-03', null, 1],
    ]);
    expect((await read('sums')).data[0]).toMatchObject({
      images: { asked: 4 },
      money: [{ currency: 'USD', reserved: 0.08, charged: 0, released: 0 }],
    });
  });

  test.each([
    { kind: 'day' } as const,
    { kind: 'key' } as const,
    { kind: 'metadata', name: 'team' } as const,
  ])('grouped by $kind, pages hold the same as one answer, each row once', async (grouping) => {
    const owner = `pages-${grouping.kind}`;
    const days = [0, 1, 2, 3].flatMap((day) =>
      ['a', 'b', 'c'].map((team) => ({
        created: CREATED + day * DAY,
        key_id: `key-${team}`,
        metadata: { team },
      })),
    );
    await count(owner, days);

    const pages = [];
    let after: string | undefined;
    do {
      const { data, next } = await read(owner, { grouping, after }, 4);
      pages.push(data);
      after = next;
    } while (after !== undefined);

    expect(pages.length).toBeGreaterThan(2);
    expect(pages.flat()).toEqual((await read(owner, { grouping })).data);
  });

  test('a day with more rows than a page is read to its end', async () => {
    await count(
      'large',
      Array.from({ length: 7 }, (_, nth) => ({ key_id: `key-${nth}` })),
    );

    expect((await read('large', {}, 3)).data.map(({ requests }) => requests)).toEqual([7]);
  });

  test('a batch of more rows than a transaction takes is counted whole, and a second time not at all', async () => {
    const tasks = Array.from({ length: 120 }, (_, nth) => ({ key_id: `key-${nth}` }));
    const first = sequence;
    await count('batch', tasks);
    sequence = first;
    await count('batch', tasks);

    expect((await read('batch')).data.map(({ requests }) => requests)).toEqual([120]);
  });

  test('of two invocations with the same batch one adds it', async () => {
    const after: TaskRecord = taskRecord({ owner: 'twice' });
    const changes = [{ sequence: sortable('5'), before: undefined, after }];

    await Promise.all([1, 2, 3].map(() => keepLedger(store, 'shard-twice', changes, [])));

    expect((await read('twice')).data.map(({ requests }) => requests)).toEqual([1]);
  });

  test('a checkpoint is forgotten when its shard can no longer be read', async () => {
    await count('kept', [{}]);
    const Key = marshall({ owner: 'shard/shard-kept', entry: 'checkpoint' });
    const { Item } = await table.client.send(new GetItemCommand({ TableName: table.name, Key }));

    expect(Number(Item?.expires_at?.N)).toBe(CREATED + 7 * DAY);
  });

  test('a commit from a place where the checkpoint no longer is writes nothing', async () => {
    const changes = [{ sequence: sortable('9'), before: undefined, after: taskRecord({ owner: 'stale' }) }];
    const [chunk] = chunksOf(changes, []);

    expect(await store.commit('shard-stale', sortable('3'), chunk!)).toBe(false);
    expect(await store.commit('shard-stale', undefined, chunk!)).toBe(true);
    expect(await store.commit('shard-stale', undefined, chunk!)).toBe(false);
    expect((await read('stale')).data.map(({ requests }) => requests)).toEqual([1]);
  });
});
