/** The tasks, keys and usage tables in a real DynamoDB server, with the keys and the index that the stack gives them. */
import { CreateTableCommand, DeleteTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { hasEmbeddedDynamoServer, startDynamoServer } from '../../infra/local/cloud/index.ts';
import { pause } from '../../shared/runtime/pause.ts';
import { type TaskStore, taskStore } from '../../shared/task/store.ts';

export interface TestTables {
  readonly client: DynamoDBClient;
  readonly tasks: { readonly name: string; readonly index: string };
  readonly keys: string;
  readonly usage: string;
  readonly store: TaskStore;
  close(): Promise<void>;
}

const endpoint = process.env.WANHOOK_DYNAMODB_ENDPOINT;

/** Whether this machine has a DynamoDB server; if not, it is said aloud what is left out. */
export function hasDynamoServer(): boolean {
  if (endpoint || hasEmbeddedDynamoServer()) return true;
  console.error(
    `TESTS LEFT OUT: no DynamoDB server for ${process.platform}-${process.arch}; set WANHOOK_DYNAMODB_ENDPOINT to one`,
  );
  return false;
}

export async function openTables(): Promise<TestTables> {
  const server = await startDynamoServer({ endpoint });
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  const client = new DynamoDBClient({ endpoint: server.url, region: 'us-east-1', credentials });
  const suffix = `${process.pid}-${Date.now()}`;
  const tasks = { name: `tasks-${suffix}`, index: 'owner-created' };
  const keys = `keys-${suffix}`;
  const usage = `usage-${suffix}`;
  await client.send(tasksTable(tasks));
  await client.send(keysTable(keys));
  await client.send(usageTable(usage));
  const close = async () => {
    for (const TableName of [tasks.name, keys, usage])
      await client.send(new DeleteTableCommand({ TableName }));
    client.destroy();
    await server.stop();
  };
  return { client, tasks, keys, usage, store: taskStore(client, tasks.name, { name: usage }), close };
}

/** What `listTasks` is given. */
export const lister = ({ client, tasks }: TestTables) => ({ client, table: tasks, pause });

const text = (AttributeName: string) => ({ AttributeName, AttributeType: 'S' as const });
const hash = (AttributeName: string) => ({ AttributeName, KeyType: 'HASH' as const });
const range = (AttributeName: string) => ({ AttributeName, KeyType: 'RANGE' as const });

const tasksTable = ({ name, index }: TestTables['tasks']) =>
  new CreateTableCommand({
    TableName: name,
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: [text('id'), text('owner'), text('created_id')],
    KeySchema: [hash('id')],
    GlobalSecondaryIndexes: [
      {
        IndexName: index,
        KeySchema: [hash('owner'), range('created_id')],
        Projection: { ProjectionType: 'KEYS_ONLY' },
      },
    ],
  });

const keysTable = (name: string) =>
  new CreateTableCommand({
    TableName: name,
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: [text('key_hash')],
    KeySchema: [hash('key_hash')],
  });

const usageTable = (name: string) =>
  new CreateTableCommand({
    TableName: name,
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: [text('owner'), text('entry')],
    KeySchema: [hash('owner'), range('entry')],
  });
