/**
 * The list between its index and its table: what is read, how much of it, and what happens when the two disagree for a
 * moment (docs/decisions/task-index.md).
 */
import {
  BatchGetItemCommand,
  type BatchGetItemCommandInput,
  DeleteItemCommand,
  type DynamoDBClient,
  QueryCommand,
} from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { listTasks } from '../../../functions/tasks/list-tasks.ts';
import { taskRecord } from '../../support/records.ts';
import { hasDynamoServer, lister, openTables, type TestTables } from '../../support/tasks-table.ts';

describe.runIf(hasDynamoServer())('the list', () => {
  let tables: TestTables;
  let owners = 0;
  let owner: string;
  beforeAll(async () => {
    tables = await openTables();
  });
  afterAll(() => tables.close());
  beforeEach(() => {
    owner = `owner-${++owners}`;
  });

  /** So many tasks of the owner, newest first. */
  async function put(count: number, changes: object = {}) {
    const tasks = Array.from({ length: count }, () => taskRecord({ owner, ...changes }));
    await Promise.all(tasks.map((task) => tables.store.putIntent(task)));
    return tasks.sort((a, b) => (a.created_id < b.created_id ? 1 : -1));
  }

  /** Lists with a client that tells of each command before it is sent, and of each answer. */
  async function listWatched(query: object, watch: (command: object) => unknown = () => undefined) {
    const commands: object[] = [];
    const client = {
      send: async (command: never) => {
        commands.push(command);
        await watch(command);
        return tables.client.send(command);
      },
    } as unknown as DynamoDBClient;
    const page = await listTasks({ ...lister(tables), client }, { owner, limit: 20, ...query });
    const reads = commands.filter((command) => command instanceof BatchGetItemCommand);
    const keysRead = reads.map(({ input }) => keysIn(input).length);
    return { page, commands, keysRead, reads };
  }

  const keysIn = (input: BatchGetItemCommandInput) => input.RequestItems![tables.tasks.name]!.Keys!;
  const remove = (id: string) =>
    tables.client.send(new DeleteItemCommand({ TableName: tables.tasks.name, Key: marshall({ id }) }));

  test('asks the index for places, and the table consistently for no more records than that', async () => {
    await put(30);

    const { commands, reads, keysRead } = await listWatched({ limit: 20 });

    expect(commands[0]).toBeInstanceOf(QueryCommand);
    expect(commands).toHaveLength(2);
    expect(keysRead).toEqual([21]);
    expect(reads[0]!.input.RequestItems![tables.tasks.name]!.ConsistentRead).toBe(true);
  });

  test('shows a task as it is when its page is read, not as the index may have known it', async () => {
    const [task] = await put(1);

    const { page } = await listWatched({ status: 'failed' }, async (command) => {
      if (!(command instanceof BatchGetItemCommand)) return;
      const error = { code: 'x', message: 'x', type: 'task_error' };
      await tables.store.giveUp(task!.id, 'unconfirmed', { error, completed: task!.created });
    });

    expect(page.records.map(({ id, status }) => [id, status])).toEqual([[task!.id, 'failed']]);
  });

  test.each([{}, { model: 'wan2.5-text-to-image' }])(
    'leaves out what is gone since the index was read, and the page is no shorter for it: %o',
    async (filter) => {
      const tasks = await put(12);
      const gone = [tasks[0]!.id, tasks[4]!.id];

      const { page } = await listWatched({ ...filter, limit: 5 }, async (command) => {
        if (command instanceof BatchGetItemCommand) await Promise.all(gone.map(remove));
      });

      const left = tasks.filter(({ id }) => !gone.includes(id));
      expect(page.records).toEqual(left.slice(0, 5));
      expect(page.next).toBe(left[4]!.created_id);
    },
  );

  test('shows a task that was created again under its key in its new place alone', async () => {
    const [task] = await put(1);
    const again = { ...task!, created_id: task!.created_id.replace(/^\d{15}/, '002000000000000') };

    const { page } = await listWatched({}, async (command) => {
      if (!(command instanceof BatchGetItemCommand)) return;
      await remove(task!.id);
      await tables.store.putIntent(again);
    });

    expect(page).toEqual({ records: [], next: undefined });
    expect((await listWatched({})).page.records).toEqual([again]);
  });

  test('reads no more records than an answer can hold', async () => {
    const tasks = await put(30, { prompt: 'x'.repeat(300_000) });

    const { page, keysRead } = await listWatched({ limit: 30 });

    expect(keysRead).toEqual([25]);
    expect(page.records).toEqual(tasks.slice(0, 20));
    expect(page.next).toBe(tasks[19]!.created_id);
    const rest = await listWatched({ limit: 30, after: page.next });
    expect(rest.page.records[0]).toEqual(tasks[20]);
  });
});
