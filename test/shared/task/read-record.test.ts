/** Records of the version before are read through the real store; those of a later one are refused in clear words. */
import { type AttributeValue, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { check } from '../../../functions/check/check.ts';
import { readTasks } from '../../../functions/check/read-tasks.ts';
import { listTasks } from '../../../functions/tasks/list-tasks.ts';
import { publicTask } from '../../../shared/task/public-task.ts';
import { UnknownSchemaVersionError } from '../../../shared/task/read-record.ts';
import { SCHEMA_VERSION, type TaskRecord } from '../../../shared/task/record.ts';
import { taskSchema } from '../../../shared/task/task-schema.ts';
import { CREATED, outcome, taskRecord } from '../../support/records.ts';
import { hasDynamoServer, openTables, type TestTables } from '../../support/tasks-table.ts';
/** As a scan of the table of a running system brought them, the last one before records had a version. */
import before from './fixtures/records-without-version.json' with { type: 'json' };

type Item = Record<string, AttributeValue>;

const items = before as unknown as readonly Item[];
const pause = async () => undefined;
const idOf = (item: Item): string => item.id!.S!;
const linkTo = (id: string, index: number) => `https://api.example.com/v1/images/${id}/${index}/signed`;

describe.runIf(hasDynamoServer())('through the store', () => {
  let tables: TestTables;
  beforeAll(async () => {
    tables = await openTables();
    for (const item of items) await put(item);
  });
  afterAll(() => tables.close());

  const lister = () => ({ client: tables.client, table: tables.tasks, pause });
  const put = (Item: Item) => tables.client.send(new PutItemCommand({ TableName: tables.tasks.name, Item }));

  test.each(items.map((item) => [item.status!.S, item.model!.S, item] as const))(
    'a record without a version: %s, %s',
    async (status, _, item) => {
      expect(item).not.toHaveProperty('schema_version');

      const record = await tables.store.get(idOf(item));

      expect(record?.status).toBe(status);
      expect(Object.keys(record!).sort()).toEqual(Object.keys(item).sort());
      expect(taskSchema.safeParse(publicTask(record!, linkTo)).error?.issues).toBeUndefined();
    },
  );

  test('what the version before holds is told to callers as it was', async () => {
    const mixed = items.find((item) => item.status!.S === 'completed' && item.model!.S === 'wan26_i2i')!;
    const failed = items.find((item) => item.status!.S === 'failed')!;
    const delivered = items.find((item) => item.webhook)!;
    const show = async (item: Item) => publicTask((await tables.store.get(idOf(item)))!, linkTo);

    expect((await show(mixed)).output[0]?.content.map(({ type }) => type)).toEqual([
      'text',
      'image',
      'text',
      'image',
    ]);
    expect((await show(mixed)).usage).toEqual({ cost: '0.06', discount: 1, image_count: 2 });
    expect((await show(failed)).error).toEqual({
      code: 'content_policy_violation',
      message: 'The prompt was refused',
      type: 'task_error',
    });
    expect((await show(delivered)).callback).toMatchObject({
      status: 'delivered',
      attempts: 1,
      last_status: 200,
    });
    expect((await show(delivered)).metadata).toEqual({ order: '42' });
  });

  test('they are listed, and one that was open is ended as any other', async () => {
    const open = items.find((item) => item.status!.S === 'pending')!;
    const { records } = await listTasks(lister(), { owner: 'local', limit: 10 });
    const ended = outcome({ provider_task_id: open.provider_task_id!.S! });

    expect(records.map(({ id }) => id).sort()).toEqual(items.map(idOf).sort());
    expect(await tables.store.conclude(idOf(open), ended)).toEqual({ kind: 'written' });
    expect(await tables.store.get(idOf(open))).toMatchObject({
      status: 'completed',
      completed: CREATED + 30,
    });
  });

  test.each([SCHEMA_VERSION + 1, 1.5, -1, '1', null])(
    'schema_version %j is refused, whoever reads it',
    async (version) => {
      const record = taskRecord({ schema_version: version as number, owner: `of-${version}` });
      await tables.store.putIntent(record);
      const words =
        `The record ${record.id} has schema_version ${JSON.stringify(version)}, and this deployment reads those up to ` +
        `${SCHEMA_VERSION}: deploy the version that wrote it, or a later one`;
      const unknown = new UnknownSchemaVersionError(record);
      const read = await readTasks(tables.client, tables.tasks.name, [record.id], pause);

      expect(unknown.message).toBe(words);
      await expect(tables.store.get(record.id)).rejects.toThrow(words);
      await expect(tables.store.putIntent(record)).rejects.toThrow(words);
      await expect(listTasks(lister(), { owner: record.owner, limit: 10 })).rejects.toThrow(words);
      await expect(check({} as never, read.get(record.id), { attempt: 1 })).rejects.toThrow(words);
    },
  );

  test('the version that is written now is read', async () => {
    const record: TaskRecord = taskRecord({ schema_version: SCHEMA_VERSION });
    await tables.store.putIntent(record);

    expect(await tables.store.get(record.id)).toEqual(record);
  });
});
