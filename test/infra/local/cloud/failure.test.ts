/** A cloud whose disk is full, or whose DynamoDB server has ended, says so once and can be stopped. */

import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { describe, expect, test, vi } from 'vitest';
import type { CloudFailure } from '../../../../infra/local/cloud/index.ts';
import { eventually } from '../../../support/eventually.ts';
import { descendants, isAlive, type Process, startedSince, startProgram } from './processes.ts';
import {
  boot,
  clientOf,
  entryOf,
  queue,
  ref,
  type Stack,
  table,
  temporaryDirectory,
  writeAssembly,
} from './stacks.ts';

const stack: Stack = {
  Resources: {
    Jobs: queue({ QueueName: 'jobs' }),
    Things: table(),
    Images: { Type: 'AWS::S3::Bucket', Properties: { BucketName: 'images' } },
  },
  Outputs: { Queue: { Value: ref('Jobs') }, Table: { Value: ref('Things') } },
};

/** These tests end the server, so it has to be one of their own. */
const embedded = { dynamodbEndpoint: undefined };

async function bootListening() {
  const onFailure = vi.fn<(failure: CloudFailure) => void>();
  const before = await descendants();
  const cloud = await boot(stack, { ...embedded, onFailure });
  const started = await startedSince(before);
  const named = (command: string): Process => started.find((one) => one.command.includes(command))!;
  return { cloud, onFailure, started, named };
}

describe('a DynamoDB server that ends', () => {
  test('is told once, with how it ended; the cloud still stops', async () => {
    const { cloud, onFailure, named } = await bootListening();

    process.kill(named('dynoxide').pid, 'SIGKILL');
    await eventually(() => onFailure.mock.calls.length > 0, 'the failure');
    await cloud.stop();

    expect(onFailure).toHaveBeenCalledOnce();
    expect(onFailure.mock.calls[0]![0].message).toMatch(/DynamoDB server has ended .*137/);
  });

  test('is told also when it is the shell around it that is killed, and the server ends with it', async () => {
    const { onFailure, named, started } = await bootListening();

    process.kill(named('sh').pid, 'SIGKILL');
    await eventually(() => onFailure.mock.calls.length > 0, 'the failure');

    expect(onFailure.mock.calls[0]![0].message).toContain('killed by SIGKILL');
    await eventually(() => !started.some(isAlive), 'the end of all processes');
  });

  test('is nothing to tell when the cloud is being stopped', async () => {
    const { cloud, onFailure } = await bootListening();

    await cloud.stop();

    expect(onFailure).not.toHaveBeenCalled();
  });

  test('ends the program where nobody listens', async () => {
    const assembly = await writeAssembly(stack);
    const program = startProgram(
      `await startLocalCloud({ assembly: ${JSON.stringify(assembly)} }); console.log('ready');`,
    );
    await program.started();
    const server = (await descendants(program.pid)).find(({ command }) => command.includes('dynoxide'))!;

    process.kill(server.pid, 'SIGKILL');

    expect(await program.ended()).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('DynamoDB server has ended'),
    });
  });
});

describe('a full disk', () => {
  test.skipIf(!existsSync('/dev/full'))('is told when an event cannot be recorded', async () => {
    const onFailure = vi.fn<(failure: CloudFailure) => void>();
    const cloud = await boot(stack, { onFailure, eventsFile: '/dev/full' });
    const events = new EventBridgeClient(clientOf(cloud, 'eventbridge'));
    const Entries = [{ Source: 'test', DetailType: 'Test', Detail: '{}' }];

    for (let count = 0; count < 3; count += 1) await events.send(new PutEventsCommand({ Entries }));

    expect(onFailure).toHaveBeenCalledOnce();
    expect(onFailure.mock.calls[0]![0].message).toMatch(/can store nothing more.*ENOSPC.*disk space/);
  });

  // A file system of 4 MB, which a user may mount in a name space of his own where the kernel lets him.
  const inSmallDisk = (directory: string) => [
    ...['unshare', '--user', '--map-root-user', '--mount', 'sh', '-c'],
    ...['mount -t tmpfs -o size=4m none "$0" && exec "$@"', directory],
  ];
  const [unshare = '', ...trial] = [...inSmallDisk('/mnt'), 'true'];
  const canMount = spawnSync(unshare, trial).status === 0;
  if (!canMount) console.error('TESTS LEFT OUT: this machine lets nobody mount a file system of his own');

  const writers = {
    s3: `
      const s3 = new (sdk('client-s3').S3Client)({ ...client, endpoint: cloud.endpoints.s3, forcePathStyle: true });
      const { PutObjectCommand } = sdk('client-s3');
      const write = (Key) => s3.send(new PutObjectCommand({ Bucket: 'images', Key, Body: Buffer.alloc(300_000, Key) }));`,
    sqs: `
      const sqs = new (sdk('client-sqs').SQSClient)({ ...client, endpoint: cloud.endpoints.sqs });
      const { SendMessageCommand } = sdk('client-sqs');
      const write = () => sqs.send(new SendMessageCommand({ QueueUrl: cloud.outputs.Queue, MessageBody: 'x'.repeat(200_000) }));`,
    dynamodb: `
      const dynamodb = new (sdk('client-dynamodb').DynamoDBClient)({ ...client, endpoint: cloud.endpoints.dynamodb });
      const { PutItemCommand } = sdk('client-dynamodb');
      const write = (id) => dynamodb.send(
        new PutItemCommand({ TableName: cloud.outputs.Table, Item: { id: { S: id }, x: { S: 'x'.repeat(200_000) } } }));`,
  };

  test.skipIf(!canMount).each(Object.entries(writers))(
    'is told when %s can store nothing more',
    async (_, writer) => {
      const assembly = await writeAssembly(stack);
      const disk = await temporaryDirectory();
      const tmp = await temporaryDirectory();
      const program = `
      import { createRequire } from 'node:module';
      const require = createRequire(${JSON.stringify(entryOf('@aws-sdk/client-s3'))});
      const sdk = (name) => require('@aws-sdk/' + name);
      const failed = Promise.withResolvers();
      const cloud = await startLocalCloud({
        assembly: ${JSON.stringify(assembly)},
        stateDir: ${JSON.stringify(join(disk, 'state'))},
        onFailure: failed.resolve,
      });
      const client = { region: cloud.region, credentials: cloud.credentials, maxAttempts: 1 };
      ${writer}
      let refused;
      for (let n = 0; n < 100 && !refused; n += 1) await write(String(n)).catch((error) => { refused = error; });
      console.log(refused.$metadata.httpStatusCode);
      console.log((await failed.promise).message);
      await cloud.stop();`;

      const { stdout, stderr, code } = await startProgram(
        program,
        { TMPDIR: tmp, WANHOOK_DYNAMODB_ENDPOINT: '' },
        inSmallDisk(disk),
      ).ended();

      expect(stderr).toBe('');
      expect(stdout).toMatch(/^500\nthe local cloud can store nothing more \(.*\): free some disk space/);
      expect(code).toBe(0);
      expect(await readdir(tmp)).toEqual([]);
    },
  );

  test.skipIf(!canMount)('ends a boot with words', async () => {
    const assembly = await writeAssembly(stack);
    const disk = await temporaryDirectory();
    const tmp = await temporaryDirectory();
    const program = `
      import { writeFileSync } from 'node:fs';
      try { writeFileSync(${JSON.stringify(join(disk, 'filler'))}, Buffer.alloc(5_000_000)); } catch {}
      await startLocalCloud({
        assembly: ${JSON.stringify(assembly)}, stateDir: ${JSON.stringify(join(disk, 'state'))},
      }).catch((error) => console.log(error.name, error.message));`;

    const { stdout, code } = await startProgram(program, { TMPDIR: tmp }, inSmallDisk(disk)).ended();

    expect(stdout).toMatch(/^CloudFailure the local cloud can store nothing more/);
    expect(code).toBe(0);
    expect(await readdir(tmp)).toEqual([]);
  });
});
