/** What died is put back by one command, and the work goes on (promise 8). */
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { PurgeQueueCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { marshall } from '@aws-sdk/util-dynamodb';
import { afterAll, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { createdId, type TaskRecord } from '../../shared/task/record.ts';
import { eventually } from '../support/eventually.ts';
import { taskRecord } from '../support/records.ts';
import { startSystem, textToImage } from './system.ts';

const system = await startSystem();
const { cloud } = system;
const sqs = new SQSClient({ ...system.deployment.client, endpoint: cloud.endpoints.sqs });
const directory = await mkdtemp(join(tmpdir(), 'wanhook-redrive-'));
const outputsFile = join(directory, 'outputs.json');
await writeFile(outputsFile, JSON.stringify({ Wanhook: cloud.outputs }));
afterAll(() => rm(directory, { recursive: true, force: true }));

const command = join(import.meta.dirname, '../../infra/operations/redrive.ts');

interface Row {
  readonly name: string;
  readonly queued: number;
  readonly moved?: number;
  readonly tasks?: number;
  readonly rows?: number;
  readonly error?: string;
}

/** Runs the command as an operator does, in a process that knows the cloud by its environment only. */
function run(...options: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const env = { PATH: process.env.PATH, ...cloud.environment() };
  return new Promise((resolve) => {
    execFile(process.execPath, [command, ...options], { env }, (error, stdout, stderr) =>
      resolve({ code: error ? Number(error.code) : 0, stdout, stderr }),
    );
  });
}

/** The rows of the places where something was queued, moved or failed. */
async function rows(...options: string[]): Promise<Row[]> {
  const { stdout } = await run(outputsFile, '--json', ...options);
  return (JSON.parse(stdout) as Row[]).filter((row) => row.queued || row.moved || row.error);
}

const send = (queue: string, body: string, attributes: Readonly<Record<string, string>> = {}) =>
  sqs.send(
    new SendMessageCommand({
      QueueUrl: cloud.queue(queue).url,
      MessageBody: body,
      ...(cloud.queue(queue).url.endsWith('.fifo') && {
        MessageGroupId: attributes.taskId ?? 'none',
        MessageDeduplicationId: randomUUID(),
      }),
      MessageAttributes: Object.fromEntries(
        Object.entries(attributes).map(([name, StringValue]) => [name, { DataType: 'String', StringValue }]),
      ),
    }),
  );

/** Lambda's report of a batch whose records were written from `from` to `to` (seconds since 1970). */
const report = (from: number, to: number) =>
  JSON.stringify({
    version: '1.0',
    DDBStreamBatchInfo: {
      shardId: 'shardId-0',
      startSequenceNumber: '1',
      endSequenceNumber: '2',
      batchSize: 2,
      approximateArrivalOfFirstRecord: new Date(from * 1000).toISOString(),
      approximateArrivalOfLastRecord: new Date(to * 1000).toISOString(),
    },
  });

beforeEach(() => cloud.idle());

test('a callback among the dead letters is shown, left alone without --go, and completes its task with it', async () => {
  cloud.function('Callback').throttle(true);
  const { body } = await system.submit(textToImage('dead callback'));
  const callback = await eventually(() => cloud.queue('CallbacksQueue').peek()[0], 'the callback');
  await sqs.send(new PurgeQueueCommand({ QueueUrl: cloud.queue('CallbacksQueue').url }));
  await send('CallbacksDeadLetters', callback.body, callback.attributes);
  cloud.function('Callback').throttle(false);

  const shown = await rows();
  const untouched = cloud.queue('CallbacksDeadLetters').depth().visible;
  const { status } = await system.task(body.id);
  const moved = await rows('--go');
  const task = await system.ended(body.id);

  expect(shown).toEqual([{ name: 'CallbacksDeadLetters', queued: 1 }]);
  expect([untouched, status]).toEqual([1, 'pending']);
  expect(moved).toEqual([{ name: 'CallbacksDeadLetters', queued: 1, moved: 1 }]);
  expect(task.status).toBe('completed');
  expect(cloud.queue('CallbacksDeadLetters').peek()).toEqual([]);
});

/**
 * A fault of ours that outlives every try of the queue:
 *
 *   completed ─► bucket refuses ─► received 300 times ─► dead letter (alarm) ─► mended, put back ─► completed, its event
 *
 * What this proves: the outcome is never recorded as the provider's failure, and one command brings it back.
 */
test('a callback that the bucket fails through all its receives dies, loudly, and completes when it is put back', async () => {
  const [work, dead] = [cloud.queue('CallbacksQueue'), cloud.queue('CallbacksDeadLetters')];
  const giveBack = cloud.onRequest(({ service, operation }) =>
    service === 'S3' && operation === 'PutObject' ? { status: 403, code: 'AccessDenied' } : undefined,
  );
  const { body } = await system.submit(textToImage('bucket refuses'));
  await eventually(() => system.counted('ImageNotKept'), 'the first refusal');

  // Not to wait for the pauses between the tries, which are two days together.
  while (dead.depth().visible === 0) {
    await cloud.idle();
    work.makeAllVisible();
  }
  const letter = dead.peek();
  const tries = system.counted('CallbackPostponed');
  const record = await system.record(body.id);
  const before = system.eventsOf(body.id);
  giveBack();
  const moved = await rows('--go');
  const task = await system.ended(body.id);
  await cloud.idle();

  expect(letter).toMatchObject([{ attributes: { taskId: body.id } }]);
  expect(tries).toBe(300);
  expect(record).toMatchObject({ status: 'pending', archive_fault: expect.any(Number) });
  expect(before).toEqual([`${body.id}:created`]);
  expect(moved).toEqual([{ name: 'CallbacksDeadLetters', queued: 1, moved: 1 }]);
  expect(task).toMatchObject({ status: 'completed', images: { length: 1 } });
  expect(system.eventsOf(body.id)).toEqual([`${body.id}:created`, `${body.id}:completed`]);
  expect(dead.peek()).toEqual([]);
});

test('a lost batch: the events of its time are republished with the same ids, others are not, records stay clean', async () => {
  const old = Math.floor(Date.now() / 1000) - 86_400;
  const { body } = await system.submit(textToImage('lost batch'));
  await system.ended(body.id);
  const ended = (await system.record(body.id))!;
  const before: TaskRecord = {
    ...ended,
    id: 'task_before',
    created: old,
    created_id: createdId(old * 1000, 'task_before'),
    completed: old,
  };
  await system.dynamodb.send(
    new PutItemCommand({
      TableName: system.tasksTable,
      Item: marshall(before, { removeUndefinedValues: true }),
    }),
  );
  const completed = `${body.id}:completed`;
  await eventually(() => (system.eventsOf('task_before').length === 1 ? true : undefined), 'the other event');
  await eventually(
    () => (system.eventsOf(body.id).includes(completed) ? true : undefined),
    'the first event',
  );
  await send('Unpublished', report(ended.created, ended.completed!));

  const [row] = await rows('--go');
  await eventually(
    () => (system.eventsOf(body.id).filter((id) => id === completed).length === 2 ? true : undefined),
    'the event again',
  );
  await cloud.idle();

  expect(row).toMatchObject({ name: 'UnpublishedReports', queued: 1, moved: 1 });
  expect(system.eventsOf(body.id)).toEqual([`${body.id}:created`, completed, completed]);
  expect(system.eventsOf('task_before')).toHaveLength(1);
  expect(await system.record(body.id)).toEqual(ended);
  expect(cloud.queue('Unpublished').peek()).toEqual([]);
});

test('a task that was set aside is republished, whenever it was created', async () => {
  const { body } = await system.submit(textToImage('set aside'));
  await system.ended(body.id);
  const completed = `${body.id}:completed`;
  const times = () => system.eventsOf(body.id).filter((id) => id === completed).length;
  await eventually(() => (times() === 1 ? true : undefined), 'the first event');
  await send('Unpublished', JSON.stringify({ task: body.id, reason: 'RangeError' }));

  const [row] = await rows('--go');
  await eventually(() => (times() === 2 ? true : undefined), 'the event again');

  expect(row).toEqual({ name: 'UnpublishedReports', queued: 1, moved: 1, tasks: 1 });
  expect(cloud.queue('Unpublished').peek()).toEqual([]);
});

test('what the ledger was never given is reported, and added from the records; the report goes days later', async () => {
  const ended = Math.floor(Date.now() / 1000) - 5 * 86_400;
  const task = taskRecord({ owner: 'uncounted', created: ended - 60, status: 'completed', completed: ended });
  const reports = () => cloud.queue('UsageUncounted').peek();
  cloud.function('UsageLedger').throttle(true);
  onTestFinished(() => cloud.function('UsageLedger').throttle(false));

  await system.dynamodb.send(new PutItemCommand({ TableName: system.tasksTable, Item: marshall(task) }));
  // What is not published yet would be too old a moment later, and be reported as well.
  await eventually(() => system.eventsOf(task.id).length > 0, 'its event');
  vi.useFakeTimers({ now: Date.now() + 23.1 * 3_600_000, toFake: ['Date'] });
  await eventually(() => reports().length === 1, 'the report of the batch').finally(() => vi.useRealTimers());
  cloud.function('UsageLedger').throttle(false);
  const given = JSON.parse(reports()[0]!.body);
  const purge = () => sqs.send(new PurgeQueueCommand({ QueueUrl: cloud.queue('UsageUncounted').url }));
  // Sent in the future, it could not be received before.
  await purge();
  await send('UsageUncounted', report(Date.now() / 1000, Date.now() / 1000));
  const [young] = await rows('--go');
  await send('UsageUncounted', report(ended, ended));
  const [old] = await rows('--go');

  expect(given).toMatchObject({ requestContext: { condition: 'RecordAgeExceeded' } });
  expect(young).toMatchObject({ name: 'UncountedReports', queued: 1, moved: 0, rows: 2 });
  expect(young?.error).toMatch(/^1 stay: what they are about can be mended from \S+ UTC on$/);
  expect(old).toMatchObject({ queued: 2, moved: 1, rows: 0 });
  await purge();
});

test('a message that is no report stays, is said, and ends the command with 1', async () => {
  await send('Unpublished', 'no report');

  const { code, stdout } = await run(outputsFile, '--go');

  expect(code).toBe(1);
  expect(stdout).toMatch(/UnpublishedReports +1 +0 +The message \S+ is no report of Lambda; it stays/);
  expect(cloud.queue('Unpublished').peek()).toMatchObject([{ body: 'no report' }]);
  await sqs.send(new PurgeQueueCommand({ QueueUrl: cloud.queue('Unpublished').url }));
});

test.each([
  ['no file', [], 'There must be one outputs file'],
  ['a file that is not there', [join(directory, 'none.json')], 'ENOENT'],
  ['an unknown option', [outputsFile, '--force'], '--force'],
])('called with %s: how it is called, and 2', async (_, options, said) => {
  const { code, stderr, stdout } = await run(...options);

  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toContain(said);
  expect(stderr).toContain('Usage: npm run redrive');
});
