import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { Policies } from '../../../../../infra/local/cloud/iam/policies.ts';
import type { Queue } from '../../../../../infra/local/cloud/sqs/queue.ts';
import { Queues } from '../../../../../infra/local/cloud/sqs/queues.ts';
import { sqsService } from '../../../../../infra/local/cloud/sqs/sqs-api.ts';

interface Options {
  readonly throughputLimit?: 'perQueue' | 'perMessageGroupId';
}

/** A queue with room for three messages in flight, of whose messages the four oldest are looked through. */
function smallQueue(name: string, options: Options = {}) {
  const { throughputLimit = 'perQueue' } = options;
  const database = new DatabaseSync(':memory:');
  const queues = new Queues({ database }, { inFlight: 3, scanned: 4 });
  onTestFinished(() => {
    queues.close();
    database.close();
  });
  const isFifo = name.endsWith('.fifo');
  const queue = queues.create({
    name,
    arn: `arn:aws:sqs:us-east-1:000000000000:${name}`,
    delaySeconds: 0,
    visibilityTimeout: 30,
    retentionSeconds: 60,
    maximumMessageSize: 1024,
    receiveWaitSeconds: 0,
    redrive: undefined,
    fifo: isFifo
      ? { contentBasedDeduplication: true, deduplicationScope: 'messageGroup', throughputLimit }
      : undefined,
  });
  const { operations } = sqsService({ queues, policies: new Policies(), arnOf: () => name }, () => name);
  const send = (...messages: string[]) => {
    for (const body of messages) queue.send(body, isFifo ? { messageGroupId: body.slice(0, 1) } : {});
  };
  const receive = async (WaitTimeSeconds = 0) => {
    const request = { QueueUrl: name, MaxNumberOfMessages: 10, WaitTimeSeconds };
    const { Messages } = (await operations.ReceiveMessage!(request, ALLOWED)) as {
      Messages: { Body: string; ReceiptHandle: string }[];
    };
    return Messages;
  };
  return { queue, send, receive, operations };
}

/** Whoever asks may do everything. */
const ALLOWED = () => undefined;

const bodiesOf = (messages: readonly { Body: string }[]) => messages.map(({ Body }) => Body);
const deleteAll = (queue: Queue, messages: readonly { ReceiptHandle: string }[]) => {
  for (const { ReceiptHandle } of messages) queue.delete(ReceiptHandle);
};

test('a standard queue gives no more messages than may be in flight, then OverLimit to short polling', async () => {
  const { queue, send, receive } = smallQueue('jobs');
  send('1', '2', '3', '4', '5');

  const first = await receive();
  await expect(receive()).rejects.toMatchObject({ code: 'OverLimit', status: 403 });
  deleteAll(queue, first);
  const second = await receive();

  expect([bodiesOf(first), bodiesOf(second)]).toEqual([
    ['1', '2', '3'],
    ['4', '5'],
  ]);
});

test('long polling gets nothing instead of an error', async () => {
  const { send, receive } = smallQueue('jobs');
  send('1', '2', '3', '4');
  await receive();

  expect(await receive(1)).toEqual([]);
});

test('a FIFO queue never says that it is at its limit', async () => {
  const { queue, send, receive } = smallQueue('jobs.fifo');
  send('a', 'b', 'c', 'd');

  const first = await receive();
  expect(bodiesOf(first)).toEqual(['a', 'b', 'c']);
  expect(await receive()).toEqual([]);
  deleteAll(queue, first);
  expect(bodiesOf(await receive())).toEqual(['d']);
});

test('a FIFO queue looks for groups among its oldest messages only', async () => {
  const { queue, send, receive } = smallQueue('jobs.fifo');
  send('a1');
  const [a1] = await receive();
  send('a2', 'a3', 'a4', 'b1');

  expect(await receive()).toEqual([]);
  queue.delete(a1?.ReceiptHandle ?? '');
  expect(bodiesOf(await receive())).toEqual(['a2', 'a3', 'a4']);
});

test('whoever waits is called when a delay is over', async () => {
  const { queue } = smallQueue('jobs');
  const received = new Promise((resolve) => {
    queue.onVisible(() => {
      const [message] = queue.receive(1);
      if (message) resolve(message.body);
    });
  });

  queue.send('later', { delaySeconds: 1 });

  expect(await received).toBe('later');
});

test('a deletion in a FIFO queue tells those who wait that the group goes on', async () => {
  const { queue, send, receive } = smallQueue('jobs.fifo');
  send('a1', 'a2');
  const [a1] = await receive();
  const woken = vi.fn();
  queue.onVisible(woken);

  queue.delete(a1?.ReceiptHandle ?? '');
  await Promise.resolve();

  expect(woken).toHaveBeenCalledTimes(1);
});

describe('more than 300 calls to send to a FIFO queue', () => {
  /** Sends until the queue refuses; answers how often it did not. The clock stands still. */
  const burst = (queue: Queue, messageGroupId: string) => {
    for (let count = 0; ; count += 1) {
      try {
        queue.send(`${messageGroupId} ${count}`, { messageGroupId });
      } catch (error) {
        expect(error).toMatchObject({ code: 'ThrottlingException', status: 400 });
        return count;
      }
    }
  };

  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['performance'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  test('are refused for a second, whatever their group', () => {
    const { queue } = smallQueue('jobs.fifo');

    const first = burst(queue, 'a');
    const other = burst(queue, 'b');
    vi.advanceTimersByTime(100);

    expect([first, other, burst(queue, 'c')]).toEqual([300, 0, 30]);
  });

  test('are refused for their group alone in high throughput mode', () => {
    const { queue } = smallQueue('jobs.fifo', { throughputLimit: 'perMessageGroupId' });

    expect([burst(queue, 'a'), burst(queue, 'b'), burst(queue, 'a')]).toEqual([300, 300, 0]);
  });

  test('are one when they come in a batch', async () => {
    const { queue, operations } = smallQueue('jobs.fifo');
    const entry = (id: number) => ({ Id: `m${id}`, MessageBody: `${id}`, MessageGroupId: 'g' });
    const Entries = [1, 2, 3, 4, 5].map(entry);

    await operations.SendMessageBatch!({ QueueUrl: 'jobs.fifo', Entries }, ALLOWED);

    expect(burst(queue, 'g')).toBe(299);
  });

  test('are taken by a standard queue', () => {
    const { send } = smallQueue('jobs');

    expect(() => send(...Array.from({ length: 400 }, (_, index) => `${index}`))).not.toThrow();
  });
});
