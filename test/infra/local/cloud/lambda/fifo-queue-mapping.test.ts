import { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { expect, test } from 'vitest';
import { eventually } from '../../../../support/eventually.ts';
import { boot, clientOf, getAtt, lambda, queue, ref } from '../stacks.ts';

/** What the handler does depends on the messages' bodies: `fail…` fails that one, `wait…` takes a while. */
const HANDLER = `
  export const handler = async (event) => {
    const startedAt = Date.now();
    if (event.Records.some(({ body }) => body.startsWith('wait'))) {
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    console.log(JSON.stringify({ ...event, startedAt, endedAt: Date.now() }));
    const failed = event.Records.filter(({ body }) => body.startsWith('fail'));
    return { batchItemFailures: failed.map(({ messageId }) => ({ itemIdentifier: messageId })) };
  };`;

interface LambdaEvent {
  readonly startedAt: number;
  readonly endedAt: number;
  readonly Records: ReadonlyArray<{ body: string; attributes: Record<string, string> }>;
}

async function bootMapping(mapping: Record<string, unknown> = {}, jobs: Record<string, unknown> = {}) {
  const events: LambdaEvent[] = [];
  const cloud = await boot(
    {
      Resources: {
        Jobs: queue({ FifoQueue: true, QueueName: 'jobs.fifo', ContentBasedDeduplication: true, ...jobs }),
        Dead: queue({ FifoQueue: true, QueueName: 'dead.fifo' }),
        Fn: lambda('fn'),
        Mapping: {
          Type: 'AWS::Lambda::EventSourceMapping',
          Properties: {
            EventSourceArn: getAtt('Jobs', 'Arn'),
            FunctionName: ref('Fn'),
            FunctionResponseTypes: ['ReportBatchItemFailures'],
            ...mapping,
          },
        },
      },
    },
    {
      code: { fn: HANDLER },
      log: ({ source, text }) => source === 'stdout' && events.push(JSON.parse(text)),
    },
  );
  const sqs = new SQSClient(clientOf(cloud, 'sqs'));
  const send = (...messages: readonly [group: string, body: string][]) =>
    sqs.send(
      new SendMessageBatchCommand({
        QueueUrl: cloud.queue('jobs').url,
        Entries: messages.map(([MessageGroupId, MessageBody], index) => ({
          Id: `m${index}`,
          MessageGroupId,
          MessageBody,
        })),
      }),
    );
  const bodies = () => events.map(({ Records }) => Records.map(({ body }) => body));
  return { cloud, events, bodies, send };
}

test('the event has the group, the deduplication id and the sequence number', async () => {
  const { cloud, events, send } = await bootMapping();

  await send(['a', 'x']);
  await cloud.idle();

  expect(events[0]?.Records[0]?.attributes).toMatchObject({
    MessageGroupId: 'a',
    MessageDeduplicationId: '2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881',
    SequenceNumber: expect.stringMatching(/^\d{20}$/),
  });
  expect(cloud.queue('jobs').peek()).toEqual([]);
});

test('one batch of a group at a time, in order; other groups pass', async () => {
  const { cloud, events, bodies, send } = await bootMapping();

  await send(['a', 'wait-a1']);
  await eventually(() => cloud.queue('jobs').depth().inFlight);
  await send(['a', 'a2'], ['a', 'a3'], ['b', 'b1']);
  await cloud.idle();

  expect(bodies().toSorted()).toEqual([['a2', 'a3'], ['b1'], ['wait-a1']]);
  const batchWith = (body: string) => events.find(({ Records }) => Records[0]?.body === body);
  expect(batchWith('a2')?.startedAt).toBeGreaterThanOrEqual(batchWith('wait-a1')?.endedAt ?? Infinity);
});

test('of a batch, what failed comes back and holds back its group; what did not is gone, even if it came later', async () => {
  const { cloud, bodies, send } = await bootMapping();
  await send(['a', 'a1'], ['a', 'fail'], ['a', 'a3'], ['b', 'b1']);
  await cloud.idle();
  await send(['a', 'a4']);

  cloud.queue('jobs').makeAllVisible();
  await eventually(() => bodies().length === 2);
  await cloud.idle();

  expect(bodies()).toEqual([
    ['a1', 'fail', 'a3', 'b1'],
    ['fail', 'a4'],
  ]);
  expect(cloud.queue('jobs').peek()).toMatchObject([{ body: 'fail', receiveCount: 2 }]);
});

test('a message that fails too often goes to the FIFO dead letters, and its group goes on', async () => {
  const { cloud, bodies, send } = await bootMapping(
    { BatchSize: 1 },
    { RedrivePolicy: { deadLetterTargetArn: getAtt('Dead', 'Arn'), maxReceiveCount: 2 } },
  );
  await send(['a', 'fail'], ['a', 'a2']);
  await cloud.idle();
  expect(bodies()).toEqual([['fail']]);

  cloud.queue('jobs').makeAllVisible();
  await eventually(() => bodies().length === 2);
  await cloud.idle();
  cloud.queue('jobs').makeAllVisible();
  await eventually(() => bodies().length === 3);
  await cloud.idle();

  expect(bodies()).toEqual([['fail'], ['fail'], ['a2']]);
  expect(cloud.queue('dead').peek()).toMatchObject([{ body: 'fail' }]);
});

test('a function slower than the visibility time-out gets the message again', async () => {
  const { cloud, bodies, send } = await bootMapping({}, { VisibilityTimeout: 3 });

  await send(['a', 'wait']);
  await eventually(() => cloud.queue('jobs').depth().inFlight);
  cloud.queue('jobs').makeAllVisible();
  await eventually(() => bodies().length === 2);
  await cloud.idle();

  expect(bodies()).toEqual([['wait'], ['wait']]);
  expect(cloud.queue('jobs').peek()).toEqual([]);
});

test.each([
  [{ MaximumBatchingWindowInSeconds: 1 }, 'Batching window is not supported for FIFO queues.'],
  [{ BatchSize: 11 }, 'property BatchSize must be at most 10 for a FIFO queue'],
])('%j stops the boot', async (mapping, message) => {
  await expect(bootMapping(mapping)).rejects.toThrow(message);
});
