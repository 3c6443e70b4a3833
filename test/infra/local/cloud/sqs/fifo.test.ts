import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
  StartMessageMoveTaskCommand,
} from '@aws-sdk/client-sqs';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { LocalCloud } from '../../../../../infra/local/cloud/index.ts';
import { startLocalCloud } from '../../../../../infra/local/cloud/index.ts';
import { eventually } from '../../../../support/eventually.ts';
import { boot, clientOf, getAtt, queue, temporaryDirectory, writeAssembly } from '../stacks.ts';

const fifo = (properties: Record<string, unknown> = {}) =>
  queue({ FifoQueue: true, QueueName: 'jobs.fifo', ...properties });

function clientFor(cloud: LocalCloud) {
  const sqs = new SQSClient({ ...clientOf(cloud, 'sqs'), maxAttempts: 1 });
  const QueueUrl = cloud.queue('jobs').url;
  return {
    sqs,
    QueueUrl,
    /** The body is the deduplication id too, unless another one is given. */
    send: (MessageGroupId: string, MessageBody: string, more: Record<string, unknown> = {}) =>
      sqs.send(
        new SendMessageCommand({
          QueueUrl,
          MessageBody,
          MessageGroupId,
          MessageDeduplicationId: MessageBody,
          ...more,
        }),
      ),
    receive: async (more: Record<string, unknown> = {}) => {
      const wanted = { MaxNumberOfMessages: 10, MessageSystemAttributeNames: ['All'] as const };
      const command = new ReceiveMessageCommand({ QueueUrl, ...wanted, ...more } as never);
      return (await sqs.send(command)).Messages ?? [];
    },
    remove: (message: Message | undefined) =>
      sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: message?.ReceiptHandle })),
    hide: (message: Message | undefined, VisibilityTimeout: number) =>
      sqs.send(
        new ChangeMessageVisibilityCommand({
          QueueUrl,
          ReceiptHandle: message?.ReceiptHandle,
          VisibilityTimeout,
        }),
      ),
  };
}

async function bootFifo(properties: Record<string, unknown> = {}, more: Record<string, unknown> = {}) {
  const cloud = await boot({ Resources: { Jobs: fifo(properties), ...more } });
  return { cloud, ...clientFor(cloud) };
}

const bodies = (messages: readonly Message[]) => messages.map(({ Body }) => Body);
const failure = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error: Error) => error,
  );

/** Stops the clock of the local cloud, which runs in this process, at some time from now. */
function later(ms: number): void {
  const now = Date.now();
  vi.useFakeTimers({ toFake: ['Date'], now: now + ms });
}

afterEach(() => {
  vi.useRealTimers();
});

describe('order', () => {
  test('a received message has its group, its deduplication id and a sequence number that rises', async () => {
    const { send, receive } = await bootFifo();

    const first = await send('g', 'one');
    const second = await send('g', 'two', { MessageDeduplicationId: 'id-of-two' });
    const messages = await receive();

    expect(messages.map(({ Attributes }) => Attributes)).toMatchObject([
      { MessageGroupId: 'g', MessageDeduplicationId: 'one', SequenceNumber: first.SequenceNumber },
      { MessageGroupId: 'g', MessageDeduplicationId: 'id-of-two', SequenceNumber: second.SequenceNumber },
    ]);
    expect(first.SequenceNumber).toMatch(/^\d{20}$/);
    expect(BigInt(second.SequenceNumber ?? 0)).toBeGreaterThan(BigInt(first.SequenceNumber ?? 0));
  });

  test('as many as possible of one group, in order, then of the next', async () => {
    const { send, receive } = await bootFifo();
    for (const body of ['a1', 'b1', 'a2', 'c1', 'b2', 'a3']) await send(body.slice(0, 1), body);

    expect(bodies(await receive({ MaxNumberOfMessages: 4 }))).toEqual(['a1', 'a2', 'a3', 'b1']);
    expect(bodies(await receive())).toEqual(['c1']);
  });

  test('a batch keeps its order', async () => {
    const { sqs, QueueUrl, receive } = await bootFifo();
    const Entries = ['1', '2', '3'].map((body) => ({
      Id: body,
      MessageBody: body,
      MessageGroupId: 'g',
      MessageDeduplicationId: body,
    }));

    const { Successful } = await sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }));

    expect(Successful?.every(({ SequenceNumber }) => SequenceNumber)).toBe(true);
    expect(bodies(await receive())).toEqual(['1', '2', '3']);
  });

  test('nothing of a group is received while one of its messages is in flight', async () => {
    const { send, receive, remove } = await bootFifo();
    for (const body of ['a1', 'a2', 'b1']) await send(body.slice(0, 1), body);

    const [a1] = await receive({ MaxNumberOfMessages: 1 });
    const meanwhile = await receive();
    await remove(a1);
    const afterwards = await receive();

    expect([a1?.Body, bodies(meanwhile), bodies(afterwards)]).toEqual(['a1', ['b1'], ['a2']]);
  });

  test('a message put back comes first again, and its successors only once all of its batch are back', async () => {
    const { send, receive, hide } = await bootFifo();
    for (const body of ['1', '2', '3']) await send('g', body);
    const [one, two] = await receive({ MaxNumberOfMessages: 2 });

    await hide(one, 0);
    expect(bodies(await receive())).toEqual([]);
    await hide(two, 0);
    expect(bodies(await receive())).toEqual(['1', '2', '3']);
  });

  test('a message hidden after a failure holds back its group until it is visible again', async () => {
    const { send, receive, hide } = await bootFifo();
    for (const body of ['1', '2']) await send('g', body);
    const [one] = await receive({ MaxNumberOfMessages: 1 });

    await hide(one, 1);
    expect(bodies(await receive())).toEqual([]);

    expect(bodies(await receive({ WaitTimeSeconds: 20 }))).toEqual(['1', '2']);
  });

  test('the queue’s own delay holds for every message, and a message may not have one', async () => {
    const { cloud, send, receive } = await bootFifo({ DelaySeconds: 600 });

    await send('g', 'one');
    const refused = await failure(send('g', 'two', { DelaySeconds: 5 }));

    expect(refused).toMatchObject({
      name: 'InvalidParameterValue',
      message:
        'Value 5 for parameter DelaySeconds is invalid. Reason: The request include parameter that is not valid for this queue type.',
    });
    expect(await receive()).toEqual([]);
    expect(cloud.queue('jobs').depth()).toEqual({ visible: 0, inFlight: 0, delayed: 1 });
    later(600_000);
    expect(bodies(await receive())).toEqual(['one']);
  });

  test('the order of sending holds even when the clock goes back', async () => {
    const { send, receive, remove } = await bootFifo();
    later(0);
    await send('g', '1');
    later(1_000);
    await send('g', '2');
    later(-500);
    await send('g', '3');

    const early = await receive();
    for (const message of early) await remove(message);
    await send('h', 'other');
    const meanwhile = await receive();
    later(500);

    expect([bodies(early), bodies(meanwhile), bodies(await receive())]).toEqual([
      ['1'],
      ['other'],
      ['2', '3'],
    ]);
  });

  test('a receipt that has expired deletes nothing, and says so', async () => {
    const { cloud, send, receive, remove } = await bootFifo();
    await send('g', 'one');
    const [one] = await receive();

    later(30_000);
    const refused = await failure(remove(one));

    expect(refused).toMatchObject({ name: 'InvalidParameterValue' });
    expect(refused?.message).toContain('The receipt handle has expired.');
    expect(cloud.queue('jobs').depth().visible).toBe(1);
  });
});

describe('deduplication', () => {
  test('a duplicate is answered like the first and delivered once, even after its deletion', async () => {
    const { cloud, send, receive, remove } = await bootFifo();

    const first = await send('g', 'one');
    const again = await send('g', 'another body', { MessageDeduplicationId: 'one' });
    const [message, ...others] = await receive();
    await remove(message);
    const late = await send('g', 'one');

    expect([message?.Body, others]).toEqual(['one', []]);
    for (const { MessageId, SequenceNumber } of [again, late]) {
      expect({ MessageId, SequenceNumber }).toEqual({
        MessageId: first.MessageId,
        SequenceNumber: first.SequenceNumber,
      });
    }
    expect(cloud.queue('jobs').peek()).toEqual([]);
  });

  test('five minutes after the first sending the id is free again', async () => {
    const { send } = await bootFifo();
    later(0);
    const first = await send('g', 'one');

    later(299_999);
    const within = await send('g', 'one');
    later(1);
    const after = await send('g', 'one');

    expect(within.MessageId).toBe(first.MessageId);
    expect(after.MessageId).not.toBe(first.MessageId);
  });

  test('content-based: equal bodies are duplicates whatever their attributes; an id of one’s own goes first', async () => {
    const { send, receive } = await bootFifo({ ContentBasedDeduplication: true });
    const without = { MessageDeduplicationId: undefined };
    const MessageAttributes = { a: { DataType: 'String', StringValue: '1' } };

    await send('g', 'same', without);
    await send('g', 'same', { ...without, MessageAttributes });
    await send('g', 'same', { MessageDeduplicationId: 'own' });
    const messages = await receive();

    expect(messages.map(({ Attributes }) => Attributes?.MessageDeduplicationId)).toEqual([
      '0967115f2813a3541eaef77de9d9d5773f1c0c04314b0bbfe4ff3b3b1c55b5d5',
      'own',
    ]);
  });

  test.each([
    ['queue', 1],
    ['messageGroup', 2],
  ])('in the scope of a %s: %i of two groups’ messages with one id', async (DeduplicationScope, expected) => {
    const { cloud, send } = await bootFifo({ DeduplicationScope });

    await send('a', 'one');
    await send('b', 'one');

    expect(cloud.queue('jobs').peek()).toHaveLength(expected);
  });

  test('a restart forgets neither ids nor order', async () => {
    const assembly = await writeAssembly({ Resources: { Jobs: fifo() } });
    const stateDir = await temporaryDirectory();
    const before = await startLocalCloud({ assembly, stateDir });
    const first = await clientFor(before).send('g', 'one');
    await clientFor(before).send('g', 'two');
    await before.stop();

    const cloud = await boot({}, { assembly, stateDir });
    const { send, receive } = clientFor(cloud);
    const again = await send('g', 'one');
    const third = await send('g', 'three');

    expect(again.MessageId).toBe(first.MessageId);
    expect(BigInt(third.SequenceNumber ?? 0)).toBeGreaterThan(BigInt(first.SequenceNumber ?? 0));
    expect(bodies(await receive())).toEqual(['one', 'two', 'three']);
  });
});

describe('dead letters', () => {
  const withDead = () =>
    bootFifo(
      { RedrivePolicy: { deadLetterTargetArn: getAtt('Dead', 'Arn'), maxReceiveCount: 1 } },
      { Dead: fifo({ QueueName: 'dead.fifo' }) },
    );

  test('a message received too often is given up, and its group goes on', async () => {
    const { cloud, send, receive } = await withDead();
    await send('g', 'poison');
    await send('g', 'fine');

    await receive({ MaxNumberOfMessages: 1, VisibilityTimeout: 0 });

    expect(bodies(await receive())).toEqual(['fine']);
    expect(cloud.queue('dead').peek()).toMatchObject([{ body: 'poison' }]);
  });

  test('a dead letter has its own id as deduplication id, counts its time anew, and can be put back', async () => {
    const { cloud, sqs, send, receive } = await withDead();
    const sent = await send('g', 'poison');
    const sentAt = cloud.queue('jobs').peek()[0]?.sentAt ?? 0;
    later(1_000);
    await receive({ VisibilityTimeout: 0 });
    later(1);
    await receive();

    const dead = await sqs.send(
      new ReceiveMessageCommand({
        QueueUrl: cloud.queue('dead').url,
        VisibilityTimeout: 0,
        MessageSystemAttributeNames: ['All'],
      }),
    );
    later(1);
    await sqs.send(new StartMessageMoveTaskCommand({ SourceArn: cloud.queue('dead').arn }));
    await eventually(() => cloud.queue('jobs').depth().visible);
    const [back] = await receive();

    expect(dead.Messages).toMatchObject([
      { Attributes: { MessageGroupId: 'g', MessageDeduplicationId: sent.MessageId } },
    ]);
    expect(Number(dead.Messages?.[0]?.Attributes?.SentTimestamp)).toBeGreaterThan(sentAt);
    expect(back).toMatchObject({
      Body: 'poison',
      Attributes: { MessageGroupId: 'g', ApproximateReceiveCount: '1' },
    });
    expect(back?.MessageId).not.toBe(sent.MessageId);
  });

  test('dead letters are put back in the order in which they came', async () => {
    const { cloud, sqs, send, receive } = await withDead();
    for (const body of ['1', '2', '3']) await send('g', body);
    await receive({ VisibilityTimeout: 0 });
    later(1);
    expect(await receive()).toEqual([]);

    await sqs.send(
      new StartMessageMoveTaskCommand({
        SourceArn: cloud.queue('dead').arn,
        DestinationArn: cloud.queue('jobs').arn,
      }),
    );
    await eventually(() => cloud.queue('jobs').depth().visible === 3);

    expect(bodies(await receive())).toEqual(['1', '2', '3']);
  });

  test('they go to a FIFO queue only, and back to one only', async () => {
    const redrive = { RedrivePolicy: { deadLetterTargetArn: getAtt('Dead', 'Arn'), maxReceiveCount: 1 } };
    await expect(bootFifo(redrive, { Dead: queue({ QueueName: 'dead' }) })).rejects.toThrow(
      'Dead-letter queue must be same type of queue as the source',
    );

    const { cloud, sqs } = await bootFifo(redrive, {
      Dead: fifo({ QueueName: 'dead.fifo' }),
      Other: queue({ QueueName: 'other' }),
    });
    const move = new StartMessageMoveTaskCommand({
      SourceArn: cloud.queue('dead').arn,
      DestinationArn: cloud.queue('other').arn,
    });
    await expect(sqs.send(move)).rejects.toThrow('must be of the same type');
  });
});

describe('refused', () => {
  const tooLong = 'x'.repeat(129);
  const onlyPunctuation = 'can only include alphanumeric and punctuation characters. 1 to 128 in length.';

  test.each([
    ['no group', { MessageGroupId: undefined }, 'MissingParameter', 'MessageGroupId'],
    [
      'no deduplication id',
      { MessageDeduplicationId: undefined },
      'InvalidParameterValue',
      'ContentBasedDed',
    ],
    ['a long group', { MessageGroupId: tooLong }, 'InvalidParameterValue', onlyPunctuation],
    ['an empty group', { MessageGroupId: '' }, 'InvalidParameterValue', onlyPunctuation],
    ['a space in the group', { MessageGroupId: 'a b' }, 'InvalidParameterValue', onlyPunctuation],
    ['a long id', { MessageDeduplicationId: tooLong }, 'InvalidParameterValue', onlyPunctuation],
    ['a letter beyond ASCII', { MessageDeduplicationId: 'é' }, 'InvalidParameterValue', onlyPunctuation],
  ])('%s', async (_, more, name, message) => {
    const { cloud, send } = await bootFifo();

    const refused = await failure(send('g', 'x', more));

    expect(refused).toMatchObject({ name, message: expect.stringContaining(message) });
    expect(cloud.queue('jobs').peek()).toEqual([]);
  });

  test('what is refused in a batch fails alone', async () => {
    const { sqs, QueueUrl, receive } = await bootFifo();
    const entry = (Id: string, more: object) => ({
      Id,
      MessageBody: Id,
      MessageDeduplicationId: Id,
      ...more,
    });

    const { Successful, Failed } = await sqs.send(
      new SendMessageBatchCommand({
        QueueUrl,
        Entries: [entry('a', { MessageGroupId: 'g' }), entry('b', {}), entry('c', { MessageGroupId: 'g' })],
      }),
    );

    expect([Successful?.map(({ Id }) => Id), Failed]).toMatchObject([
      ['a', 'c'],
      [{ Id: 'b', Code: 'MissingParameter', SenderFault: true }],
    ]);
    expect(bodies(await receive())).toEqual(['a', 'c']);
  });

  test('a standard queue takes neither a deduplication id nor, here, a group', async () => {
    const cloud = await boot({ Resources: { Jobs: queue({ QueueName: 'jobs' }) } });
    const { send } = clientFor(cloud);

    const withId = await failure(send(undefined as never, 'x'));
    const withGroup = await failure(send('g', 'x', { MessageDeduplicationId: undefined }));

    expect(withId?.message).toContain('not valid for this queue type');
    expect(withGroup?.message).toContain('no fair queues');
  });

  test.each([
    [{ QueueName: 'jobs' }, 'must end in .fifo'],
    [{ FifoThroughputLimit: 'perMessageGroupId' }, 'only with DeduplicationScope messageGroup'],
    [{ FifoQueue: undefined, QueueName: 'jobs', ContentBasedDeduplication: true }, 'is of FIFO queues only'],
    [{ FifoQueue: undefined }, 'must end in .fifo'],
    [{ QueueName: `${'x'.repeat(76)}.fifo` }, 'must be 1 to 80'],
  ])('%j stops the boot', async (properties, message) => {
    await expect(bootFifo(properties)).rejects.toThrow(message);
  });
});

test('the attributes of a queue tell that it is FIFO; without a name it gets one that ends in .fifo', async () => {
  const cloud = await boot({
    Resources: {
      Jobs: queue({
        FifoQueue: true,
        DeduplicationScope: 'messageGroup',
        FifoThroughputLimit: 'perMessageGroupId',
      }),
    },
  });
  const sqs = new SQSClient(clientOf(cloud, 'sqs'));

  const { Attributes } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: cloud.queue('Jobs').url, AttributeNames: ['All'] }),
  );

  expect(cloud.queue('Jobs').name).toBe('Test-Jobs.fifo');
  expect(Attributes).toMatchObject({
    FifoQueue: 'true',
    ContentBasedDeduplication: 'false',
    DeduplicationScope: 'messageGroup',
    FifoThroughputLimit: 'perMessageGroupId',
  });
});
