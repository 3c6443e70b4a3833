import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { expect, test } from 'vitest';
import type { BusEvent, FunctionLogLine } from '../../../../../infra/local/cloud/index.ts';
import { boot, clientOf, getAtt, queue, queuePolicyForRules, ref, temporaryDirectory } from '../stacks.ts';

const Resources = {
  Bus: { Type: 'AWS::Events::EventBus', Properties: { Name: 'main' } },
  Target: queue({ QueueName: 'target' }),
  Undelivered: queue({ QueueName: 'undelivered' }),
  MaySend: queuePolicyForRules('Target', 'Undelivered'),
  Rule: {
    Type: 'AWS::Events::Rule',
    Properties: {
      EventBusName: ref('Bus'),
      EventPattern: { detail: { kind: ['wanted'] } },
      Targets: [
        { Id: 'one', Arn: getAtt('Target', 'Arn'), DeadLetterConfig: { Arn: getAtt('Undelivered', 'Arn') } },
      ],
    },
  },
};

const entry = (detail: unknown, more = {}) => ({
  EventBusName: 'main',
  Source: 'test',
  DetailType: 'Thing',
  Detail: JSON.stringify(detail),
  ...more,
});

async function bootBus(options = {}) {
  const cloud = await boot({ Resources }, options);
  const client = new EventBridgeClient({ ...clientOf(cloud, 'eventbridge'), maxAttempts: 1 });
  const put = (...Entries: object[]) => client.send(new PutEventsCommand({ Entries }));
  return { cloud, put };
}

test('an event reaches the queue of every rule that matches, in EventBridge’s envelope', async () => {
  const { cloud, put } = await bootBus();

  const { Entries, FailedEntryCount } = await put(entry({ kind: 'wanted', n: 1 }), entry({ kind: 'other' }));
  await cloud.idle();
  const [message, ...others] = cloud.queue('target').peek();

  expect(FailedEntryCount).toBe(0);
  expect(others).toEqual([]);
  expect(JSON.parse(message?.body ?? '')).toEqual({
    version: '0',
    id: Entries?.[0]?.EventId,
    'detail-type': 'Thing',
    source: 'test',
    account: '000000000000',
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
    region: 'us-east-1',
    resources: [],
    detail: { kind: 'wanted', n: 1 },
  });
});

test('every event goes to the listeners and into the file', async () => {
  const eventsFile = join(await temporaryDirectory(), 'deep', 'events.jsonl');
  const { cloud, put } = await bootBus({ eventsFile });
  const received: BusEvent[] = [];
  cloud.onEvent((event) => received.push(event));

  await put(entry({ n: 1 }), entry({ n: 2 }));
  const lines = (await readFile(eventsFile, 'utf8')).trimEnd().split('\n');

  expect(received.map(({ detail }) => detail)).toEqual([{ n: 1 }, { n: 2 }]);
  expect(lines.map((line) => JSON.parse(line))).toEqual(received);
});

test('a wrong entry fails alone', async () => {
  const { put } = await bootBus();

  const { Entries, FailedEntryCount } = await put(
    entry({ fine: true }),
    entry({}, { Detail: 'not json' }),
    entry({}, { Source: undefined }),
    entry({}, { EventBusName: 'missing' }),
  );

  expect(FailedEntryCount).toBe(3);
  expect(Entries?.map(({ ErrorCode }) => ErrorCode)).toEqual([
    undefined,
    'MalformedDetail',
    'InvalidArgument',
    'InvalidArgument',
  ]);
});

test('more than ten entries, or more than 256 kB in all, are refused', async () => {
  const { put } = await bootBus();

  await expect(put(...Array.from({ length: 11 }, () => entry({})))).rejects.toThrow();
  await expect(put(entry({ text: 'x'.repeat(262_144) }))).rejects.toThrow('over the limit');
});

test('an event that its queue refuses goes to the rule’s dead letters, with the reason', async () => {
  const { cloud, put } = await bootBus();
  let refused = 0;
  cloud.onRequest(({ service, caller }) =>
    service === 'SQS' && caller === 'EventBridge' && refused++ === 0
      ? { status: 400, code: 'AccessDenied' }
      : undefined,
  );

  await put(entry({ kind: 'wanted' }));
  await cloud.idle();

  expect(cloud.queue('target').peek()).toEqual([]);
  expect(cloud.queue('undelivered').peek()).toMatchObject([
    { attributes: { TARGET_ARN: cloud.queue('target').arn, ERROR_MESSAGE: 'AccessDenied' } },
  ]);
});

test('an event with characters that SQS refuses is refused by the dead letters too, and lost with a line in the log', async () => {
  const log: string[] = [];
  const { cloud, put } = await bootBus({
    log: ({ source, text }: FunctionLogLine) => source === 'platform' && log.push(text),
  });

  const { Entries } = await put(entry({ kind: 'wanted', text: '\uFFFE' }), entry({ kind: 'wanted' }));
  await cloud.idle();

  expect(cloud.queue('target').peek()).toHaveLength(1);
  expect(cloud.queue('undelivered').peek()).toEqual([]);
  expect(log).toEqual([
    `the event ${Entries?.[0]?.EventId} (Thing) is lost: the dead-letter queue ${cloud.queue('undelivered').arn} refused it: Invalid characters found in the message body.`,
  ]);
});

const ruleFor = (target: object) => ({
  Type: 'AWS::Events::Rule',
  Properties: {
    EventBusName: ref('Bus'),
    EventPattern: { source: ['test'] },
    Targets: [{ Id: 'two', ...target }],
  },
});
const fifoQueue = (properties = {}) =>
  queue({ QueueName: 'ordered.fifo', FifoQueue: true, ContentBasedDeduplication: true, ...properties });

test('a target gets the part of the event that it asks for; its dead letters get the whole event', async () => {
  const target = {
    Arn: getAtt('Target', 'Arn'),
    InputPath: '$.detail.id',
    DeadLetterConfig: { Arn: getAtt('Undelivered', 'Arn') },
  };
  const cloud = await boot({ Resources: { ...Resources, Rule: ruleFor(target) } });
  const client = new EventBridgeClient(clientOf(cloud, 'eventbridge'));

  await client.send(new PutEventsCommand({ Entries: [entry({ id: 'task_1' }), entry({ n: 2 })] }));
  await cloud.idle();
  const [dead] = cloud.queue('undelivered').peek();

  expect(cloud.queue('target').peek()).toMatchObject([{ body: '"task_1"' }]);
  expect(dead?.attributes).toMatchObject({ ERROR_CODE: 'InputError' });
  expect(JSON.parse(dead?.body ?? '')).toMatchObject({ detail: { n: 2 } });
});

test('a FIFO queue as target: one message group, duplicates by content', async () => {
  const target = {
    Arn: getAtt('Ordered', 'Arn'),
    InputPath: '$.detail',
    SqsParameters: { MessageGroupId: 'all' },
  };
  const cloud = await boot({
    Resources: {
      ...Resources,
      Ordered: fifoQueue(),
      MaySendInOrder: queuePolicyForRules('Ordered'),
      Rule: ruleFor(target),
    },
  });
  const client = new EventBridgeClient(clientOf(cloud, 'eventbridge'));

  const Entries = [1, 2, 2, 3].map((n) => entry({ n }));
  await client.send(new PutEventsCommand({ Entries }));
  await cloud.idle();

  expect(
    cloud
      .queue('ordered')
      .peek()
      .map(({ body }) => body),
  ).toEqual(['{"n":1}', '{"n":2}', '{"n":3}']);
});

test.each([
  ['without its parameters', {}, {}, 'needs SqsParameters'],
  [
    'without content-based deduplication',
    { SqsParameters: { MessageGroupId: 'g' } },
    { ContentBasedDeduplication: false },
    'must have content-based deduplication enabled',
  ],
  [
    'with FIFO dead letters',
    { SqsParameters: { MessageGroupId: 'g' }, DeadLetterConfig: { Arn: getAtt('Ordered', 'Arn') } },
    {},
    'SQS FIFO is not supported by Dead Letter Queues.',
  ],
  [
    'with an unknown parameter',
    { SqsParameters: { MessageGroupId: 'g', MessageDeduplicationId: 'x' } },
    {},
    'SqsParameters.MessageDeduplicationId',
  ],
])('a FIFO target %s stops the boot', async (_, target, properties, message) => {
  const stack = {
    Resources: {
      ...Resources,
      Ordered: fifoQueue(properties),
      Rule: ruleFor({ Arn: getAtt('Ordered', 'Arn'), ...target }),
    },
  };

  await expect(boot(stack)).rejects.toThrow(message);
});

test('a rule whose target is no queue of the stack, or whose pattern is not understood, stops the boot', async () => {
  const rule = (properties: object) => ({
    Resources: {
      ...Resources,
      Bad: { Type: 'AWS::Events::Rule', Properties: { EventPattern: { source: ['x'] }, ...properties } },
    },
  });

  await expect(boot(rule({ Targets: [{ Id: 'f', Arn: 'arn:aws:lambda:x' }] }))).rejects.toThrow(
    /resource Bad .*target f is no queue/,
  );
  await expect(boot(rule({ EventPattern: { source: [{ cidr: '1' }] } }))).rejects.toThrow(
    /resource Bad .*cidr/,
  );
  await expect(boot(rule({ RoleArn: 'arn:aws:iam::000000000000:role/r' }))).rejects.toThrow(
    /does not know the property RoleArn/,
  );
});
