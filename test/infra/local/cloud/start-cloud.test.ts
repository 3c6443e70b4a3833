import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { DynamoDBClient, PutItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { expect, onTestFinished, test, vi } from 'vitest';
import { startLocalCloud } from '../../../../infra/local/cloud/index.ts';
import { eventually } from '../../../support/eventually.ts';
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
  writeAssembly,
} from './stacks.ts';

const CLOUD = new URL('../../../../infra/local/cloud/index.ts', import.meta.url);

const alive = (pid: number) => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

/** The ids of a process's children, and of theirs. */
async function descendants(pid: number): Promise<number[]> {
  const looking = promisify(execFile)('ps', ['-eo', 'pid=,ppid=']);
  const { stdout } = await looking;
  const pairs = stdout
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number));
  const below = (parent: number): number[] =>
    pairs
      .filter(([, of]) => of === parent)
      .flatMap(([child]) => [child as number, ...below(child as number)]);
  return below(pid).filter((one) => one !== looking.child.pid);
}

const stack: Stack = {
  Resources: { Jobs: queue({ QueueName: 'jobs' }), Things: table({ TableName: 'things' }), Fn: lambda('fn') },
  Outputs: { Queue: { Value: ref('Jobs') } },
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
    { Resources: { Things: table(), Writer: lambda('fn', { Environment, MemorySize: 256, Timeout: 10 }) } },
    { code: { fn: source } },
  );

  const result = await cloud.function('Writer').invoke({ id: 'from inside' });
  const { Items } = await new DynamoDBClient(clientOf(cloud, 'dynamodb')).send(
    new ScanCommand({ TableName: 'Test-Things' }),
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
    new DynamoDBClient({}).send(new PutItemCommand({ TableName: 'things', Item: { id: { S: 'x' } } }))
      .then(() => console.log('stored'));`;

  const { stdout } = await promisify(execFile)(process.execPath, ['-e', program], {
    env: { PATH: process.env.PATH, ...cloud.environment() },
  });

  expect(stdout.trim()).toBe('stored');
});

test('two clouds run at once and know nothing of each other', async () => {
  const [one, two] = await Promise.all([boot(stack, { code }), boot(stack, { code })]);
  const put = new PutItemCommand({ TableName: 'things', Item: { id: { S: 'x' } } });

  await new DynamoDBClient(clientOf(one, 'dynamodb')).send(put);
  const { Count } = await new DynamoDBClient(clientOf(two, 'dynamodb')).send(
    new ScanCommand({ TableName: 'things' }),
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

test('stopping ends every process that was started, and leaves nothing behind', async () => {
  const tmp = await temporaryDirectory();
  const assembly = await writeAssembly(stack, code);
  vi.stubEnv('TMPDIR', tmp);
  onTestFinished(() => void vi.unstubAllEnvs());
  const before = await descendants(process.pid);
  const cloud = await startLocalCloud({ assembly });
  await cloud.function('Fn').invoke({});
  const used = await readdir(tmp);
  const started = (await descendants(process.pid)).filter((pid) => !before.includes(pid));

  await cloud.stop();

  expect(started.length).toBeGreaterThanOrEqual(3);
  await eventually(() => !started.some(alive));
  expect(used).toHaveLength(1);
  expect(await readdir(tmp)).toEqual([]);
  await expect(fetch(cloud.apiUrl)).rejects.toThrow();
});

test('a boot that fails leaves nothing running', async () => {
  const before = await descendants(process.pid);
  const late: Stack = {
    Resources: { ...stack.Resources, Zzz: { Type: 'AWS::SQS::Queue', Properties: { Wish: 1 } } },
  };

  await expect(boot(late, { code })).rejects.toThrow('Wish');

  await eventually(async () => (await descendants(process.pid)).every((pid) => before.includes(pid)));
});

test('the children die with a cloud that is killed', async () => {
  const assembly = await writeAssembly(stack, code);
  const program = `
    import { startLocalCloud } from ${JSON.stringify(CLOUD.href)};
    const cloud = await startLocalCloud({ assembly: ${JSON.stringify(assembly)} });
    await cloud.function('Fn').invoke({});
    console.log('ready');`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(createInterface(child.stdout), 'line');
  const started = await descendants(child.pid as number);

  child.kill('SIGKILL');

  expect(started.length).toBeGreaterThanOrEqual(3);
  await eventually(() => !started.some(alive));
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
  await client.send(new ScanCommand({ TableName: 'things' }));
  const before = cloud.requests();

  await client.send(new ScanCommand({ TableName: 'things' }));
  s3.destroy();

  expect(cloud.requests(before)).toEqual({
    total: { 'DynamoDB.Scan': 1 },
    byCaller: { outside: { 'DynamoDB.Scan': 1 } },
  });
});

test('the boot takes less than a second and a half', async () => {
  const assembly = await writeAssembly(stack, code);
  const begun = performance.now();

  const cloud = await startLocalCloud({ assembly });
  const took = performance.now() - begun;
  await cloud.stop();

  expect(took).toBeLessThan(1_500);
});
