/** A booted cloud as those who started it use it. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { DynamoDBClient, PutItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { expect, test } from 'vitest';
import { startLocalCloud } from '../../../../infra/local/cloud/index.ts';
import {
  boot,
  clientOf,
  entryOf,
  lambda,
  queue,
  ref,
  type Stack,
  table,
  temporaryDirectory,
} from './stacks.ts';

const stack: Stack = {
  Resources: { Jobs: queue({ QueueName: 'jobs' }), Things: table(), Fn: lambda('fn') },
  Outputs: { Queue: { Value: ref('Jobs') }, Table: { Value: ref('Things') } },
};
const code = { fn: 'export const handler = async () => process.pid;' };

test('a function finds the local services by its environment alone', async () => {
  const sdk = entryOf('@aws-sdk/client-dynamodb');
  const source = `
    import sdk from ${JSON.stringify(sdk)};
    const client = new sdk.DynamoDBClient({});
    export const handler = async (event) => {
      await client.send(new sdk.PutItemCommand({ TableName: process.env.TABLE, Item: { id: { S: event.id } } }));
    };`;
  const Environment = { Variables: { TABLE: ref('Things') } };
  const cloud = await boot(
    {
      Resources: { Things: table(), Writer: lambda('fn', { Environment, MemorySize: 256, Timeout: 10 }) },
      Outputs: { Table: { Value: ref('Things') } },
    },
    { code: { fn: source } },
  );

  const result = await cloud.function('Writer').invoke({ id: 'from inside' });
  const { Items } = await new DynamoDBClient(clientOf(cloud, 'dynamodb')).send(
    new ScanCommand({ TableName: cloud.outputs.Table }),
  );

  expect(result).not.toHaveProperty('error');
  expect(Items).toEqual([{ id: { S: 'from inside' } }]);
  expect(cloud.requests().byCaller).toEqual({
    outside: { 'Lambda.Invoke': 1, 'DynamoDB.Scan': 1 },
    'Test-Writer': { 'DynamoDB.PutItem': 1 },
  });
});

test('another process finds the cloud by the environment it offers', async () => {
  const cloud = await boot(stack, { code });
  const program = `
    const { DynamoDBClient, PutItemCommand } = require(${JSON.stringify(entryOf('@aws-sdk/client-dynamodb'))});
    new DynamoDBClient({}).send(new PutItemCommand({ TableName: ${JSON.stringify(cloud.outputs.Table)}, Item: { id: { S: 'x' } } }))
      .then(() => console.log('stored'));`;

  const { stdout } = await promisify(execFile)(process.execPath, ['-e', program], {
    env: { PATH: process.env.PATH, ...cloud.environment() },
  });

  expect(stdout.trim()).toBe('stored');
});

test('two clouds run at once and know nothing of each other', async () => {
  const [one, two] = await Promise.all([boot(stack, { code }), boot(stack, { code })]);
  const put = new PutItemCommand({ TableName: one.outputs.Table, Item: { id: { S: 'x' } } });

  await new DynamoDBClient(clientOf(one, 'dynamodb')).send(put);
  const { Count } = await new DynamoDBClient(clientOf(two, 'dynamodb')).send(
    new ScanCommand({ TableName: two.outputs.Table }),
  );

  expect(Count).toBe(0);
  expect(two.requests().total).toEqual({ 'DynamoDB.Scan': 1 });
});

test('messages are there in the next run over the same state, which only one cloud may use at a time', async () => {
  const stateDir = await temporaryDirectory();
  const first = await boot(stack, { code, stateDir });
  await new SQSClient(clientOf(first, 'sqs')).send(
    new SendMessageCommand({ QueueUrl: first.outputs.Queue, MessageBody: 'kept' }),
  );

  await expect(boot(stack, { code, stateDir })).rejects.toThrow('in use by another local cloud');
  await first.stop();
  const second = await boot(stack, { code, stateDir });

  expect(second.queue('jobs').peek()).toMatchObject([{ body: 'kept' }]);
});

test('a port that is taken is an error that names it', async () => {
  const cloud = await boot(stack, { code });
  const port = Number(new URL(cloud.apiUrl).port);

  await expect(boot(stack, { code, port })).rejects.toThrow(`cannot listen on 127.0.0.1:${port}`);
});

test('a directory without an assembly is an error that says what to do', async () => {
  await expect(startLocalCloud({ assembly: '/nowhere' })).rejects.toThrow(/nowhere.*synthesized/);
});

test('requests are counted since an earlier look', async () => {
  const cloud = await boot(stack, { code });
  const s3 = new S3Client(clientOf(cloud, 's3'));
  const client = new DynamoDBClient(clientOf(cloud, 'dynamodb'));
  await client.send(new ScanCommand({ TableName: cloud.outputs.Table }));
  const before = cloud.requests();

  await client.send(new ScanCommand({ TableName: cloud.outputs.Table }));
  s3.destroy();

  expect(cloud.requests(before)).toEqual({
    total: { 'DynamoDB.Scan': 1 },
    byCaller: { outside: { 'DynamoDB.Scan': 1 } },
  });
});
