/** The kept state: for its owner's eyes, and for the version that kept it. */
import { chmod, mkdir, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { expect, test } from 'vitest';
import { boot, clientOf, ref, type Stack, table, temporaryDirectory } from './stacks.ts';

const stack: Stack = {
  Resources: {
    Key: { Type: 'AWS::SecretsManager::Secret', Properties: { GenerateSecretString: {} } },
    Things: table(),
    Images: { Type: 'AWS::S3::Bucket', Properties: { BucketName: 'images' } },
  },
  Outputs: { Table: { Value: ref('Things') } },
};

async function modes(directory: string): Promise<Record<string, string>> {
  const names = await readdir(directory, { recursive: true });
  const entries = names.map(async (name) => {
    const entry = await stat(join(directory, name));
    return [entry.isDirectory() ? `${name}/` : name, (entry.mode & 0o777).toString(8)];
  });
  return Object.fromEntries(await Promise.all(entries));
}

test.each([
  ['made', async (_: string) => undefined],
  [
    'there already, open to all',
    async (stateDir: string) => {
      await mkdir(stateDir);
      await writeFile(join(stateDir, 'cloud.db'), '');
      await chmod(stateDir, 0o777);
      await chmod(join(stateDir, 'cloud.db'), 0o666);
    },
  ],
])('only its owner can read the state in a directory that is %s', async (_, prepare) => {
  const home = await temporaryDirectory();
  const stateDir = join(home, 'state');
  await prepare(stateDir);
  const eventsFile = join(home, 'events.jsonl');
  const cloud = await boot(stack, { stateDir, eventsFile, dynamodbEndpoint: undefined });
  const Item = { id: { S: 'x' } };
  await new DynamoDBClient(clientOf(cloud, 'dynamodb')).send(
    new PutItemCommand({ TableName: cloud.outputs.Table, Item }),
  );
  await new S3Client(clientOf(cloud, 's3')).send(
    new PutObjectCommand({ Bucket: 'images', Key: 'x', Body: Buffer.from('x') }),
  );
  await new EventBridgeClient(clientOf(cloud, 'eventbridge')).send(
    new PutEventsCommand({ Entries: [{ Source: 'test', DetailType: 'Test', Detail: '{}' }] }),
  );

  const found = await modes(home);

  expect(found['state/']).toBe('700');
  const files = Object.entries(found).filter(([name]) => !name.endsWith('/'));
  expect(files.map(([name]) => name)).toEqual(
    expect.arrayContaining(['events.jsonl', 'state/cloud.db', 'state/cloud.db-wal', 'state/tables.db']),
  );
  expect(files.filter(([, mode]) => mode !== '600')).toEqual([]);
  expect(files.length).toBeGreaterThanOrEqual(5);
});

test('a state of another version is refused, and not touched', async () => {
  const stateDir = await temporaryDirectory();
  const database = new DatabaseSync(join(stateDir, 'cloud.db'));
  database.exec('CREATE TABLE messages (id TEXT)');
  database.close();

  await expect(boot(stack, { stateDir })).rejects.toThrow(/another version of the local cloud; forget it/);

  const tables = new DatabaseSync(join(stateDir, 'cloud.db')).prepare('SELECT name FROM sqlite_schema').all();
  expect(tables.map(({ name }) => name)).toEqual(['messages']);
});
