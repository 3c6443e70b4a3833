/** Timers as messages: what is none is not taken for one, and what SQS does not take is named. */
import type { SQSClient } from '@aws-sdk/client-sqs';
import { describe, expect, test } from 'vitest';
import { readTimer, sendTimers, type Timer } from '../../../shared/task/timers.ts';

interface Batch {
  readonly QueueUrl: string;
  readonly Entries: readonly { Id: string; MessageBody: string; DelaySeconds: number }[];
}

/** A client that takes everything but the tasks named `refused`, and fails at the calls numbered in `faults`, from 0. */
function client(faults: readonly number[] = []) {
  const batches: Batch[] = [];
  const send = async ({ input }: { input: Batch }) => {
    batches.push(input);
    if (faults.includes(batches.length - 1)) throw new Error('throttled');
    const refused = input.Entries.filter(({ MessageBody }) => MessageBody.includes('"refused"'));
    return { Failed: refused.map(({ Id }) => ({ Id, Code: 'InternalError' })) };
  };
  return { sqs: { send } as unknown as SQSClient, batches };
}
const timersOf = (...tasks: string[]) =>
  tasks.map((task) => ({ timer: { task, attempt: 1 }, delaySeconds: 900 }));

describe('reading', () => {
  test.each<Timer>([
    { task: 'task_1', attempt: 1 },
    { task: 'task_1', attempt: 2, due: 1_767_323_045, enqueued: 1, chain: '01JGJ0000000000000000000AA' },
  ])('%o comes back as it was sent', (timer) => {
    expect(readTimer(JSON.stringify(timer))).toEqual(timer);
  });

  test.each([
    '',
    'null',
    '[]',
    '{}',
    '{"task":1,"attempt":1}',
    '{"task":"","attempt":1}',
    `{"task":"${'t'.repeat(2049)}","attempt":1}`,
    '{"task":"task_1"}',
    '{"task":"task_1","attempt":"1"}',
    '{"detail":{"task":{"id":"task_1"}}}',
  ])('%s is no timer', (body) => {
    expect(readTimer(body)).toBeUndefined();
  });
});

describe('sending', () => {
  test('ten a call, each with its delay', async () => {
    const { sqs, batches } = client();
    const timers = timersOf(...Array.from({ length: 23 }, (_, nth) => `task_${nth}`));

    expect(await sendTimers(sqs, 'https://sqs/queue', timers)).toEqual(new Map());

    expect(batches.map(({ Entries }) => Entries.length)).toEqual([10, 10, 3]);
    const entries = batches.flatMap(({ Entries }) => Entries);
    expect(entries.map(({ MessageBody }) => readTimer(MessageBody)?.task)).toEqual(
      timers.map(({ timer }) => timer.task),
    );
    expect(new Set(entries.map(({ DelaySeconds }) => DelaySeconds))).toEqual(new Set([900]));
  });

  test('nothing makes no call', async () => {
    const { sqs, batches } = client();
    expect(await sendTimers(sqs, 'https://sqs/queue', [])).toEqual(new Map());
    expect(batches).toEqual([]);
  });

  test('what SQS refuses is named, the others are sent', async () => {
    const { sqs } = client();
    const timers = timersOf('one', 'refused', 'two');
    expect(await sendTimers(sqs, 'https://sqs/queue', timers)).toEqual(
      new Map([[timers[1], 'InternalError']]),
    );
  });

  test('a call that fails is that of its ten alone', async () => {
    const { sqs } = client([0]);
    const timers = timersOf(...Array.from({ length: 12 }, (_, nth) => `task_${nth}`));

    const failed = await sendTimers(sqs, 'https://sqs/queue', timers);

    expect([...failed.keys()]).toEqual(timers.slice(0, 10));
  });
});
