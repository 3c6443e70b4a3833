import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SendMessageBatchCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { expect, test } from 'vitest';
import { eventually } from '../../../../support/eventually.ts';
import { boot, clientOf, getAtt, lambda, queue, ref, temporaryDirectory } from '../stacks.ts';

/** The handler prints each event; what it does depends on the messages' bodies. */
const HANDLER = `
  import { existsSync } from 'node:fs';
  export const handler = async (event) => {
    console.log(JSON.stringify(event));
    const bodies = event.Records.map(({ body }) => body);
    if (bodies.includes('throw')) throw new Error('as asked');
    const gate = bodies.find((body) => body.startsWith('until there is '))?.slice(15);
    while (gate && !existsSync(gate)) await new Promise((resolve) => setTimeout(resolve, 10));
    if (bodies.includes('nonsense')) return { batchItemFailures: [{ itemIdentifier: '' }] };
    if (bodies.includes('unknown item')) return { batchItemFailures: [{ itemIdentifier: 'x' }] };
    const failed = event.Records.filter(({ body }) => body === 'fail');
    return { batchItemFailures: failed.map(({ messageId }) => ({ itemIdentifier: messageId })) };
  };`;

interface Options {
  readonly mapping?: Record<string, unknown>;
  readonly queue?: Record<string, unknown>;
  readonly lambda?: Record<string, unknown>;
  readonly concurrency?: number;
}

async function bootMapping(options: Options = {}) {
  const events: { Records: Record<string, unknown>[] }[] = [];
  const platform: string[] = [];
  const cloud = await boot(
    {
      Resources: {
        Jobs: queue({ QueueName: 'jobs', VisibilityTimeout: 900, ...options.queue }),
        Dead: queue({ QueueName: 'dead' }),
        Fn: lambda('fn', options.lambda),
        Mapping: {
          Type: 'AWS::Lambda::EventSourceMapping',
          Properties: {
            EventSourceArn: getAtt('Jobs', 'Arn'),
            FunctionName: ref('Fn'),
            FunctionResponseTypes: ['ReportBatchItemFailures'],
            ...options.mapping,
          },
        },
      },
    },
    {
      code: { fn: HANDLER },
      ...(options.concurrency && { concurrency: options.concurrency }),
      log: ({ source, text }) => {
        if (source === 'stdout') events.push(JSON.parse(text));
        if (source === 'platform') platform.push(text);
      },
    },
  );
  const sqs = new SQSClient(clientOf(cloud, 'sqs'));
  const QueueUrl = cloud.queue('jobs').url;
  const send = (...bodies: string[]) =>
    sqs.send(
      new SendMessageBatchCommand({
        QueueUrl,
        Entries: bodies.map((MessageBody, index) => ({ Id: `m${index}`, MessageBody })),
      }),
    );
  const bodies = () => events.map(({ Records }) => Records.map(({ body }) => body));
  return { cloud, sqs, QueueUrl, send, events, bodies, platform };
}

test('a message reaches the function at once, in the shape of Lambda’s event, and is deleted', async () => {
  const { cloud, sqs, QueueUrl, events } = await bootMapping();
  const MessageAttributes = { taskId: { DataType: 'String', StringValue: 'task_1' } };

  const sent = await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'x', MessageAttributes }));
  await cloud.idle();

  expect(events).toEqual([
    {
      Records: [
        {
          messageId: sent.MessageId,
          receiptHandle: expect.any(String),
          body: 'x',
          attributes: {
            ApproximateReceiveCount: '1',
            SentTimestamp: expect.stringMatching(/^\d{13}$/),
            SenderId: expect.any(String),
            ApproximateFirstReceiveTimestamp: expect.stringMatching(/^\d{13}$/),
          },
          messageAttributes: {
            taskId: { stringValue: 'task_1', stringListValues: [], binaryListValues: [], dataType: 'String' },
          },
          md5OfBody: sent.MD5OfMessageBody,
          eventSource: 'aws:sqs',
          eventSourceARN: cloud.queue('jobs').arn,
          awsRegion: 'us-east-1',
        },
      ],
    },
  ]);
  expect(cloud.queue('jobs').peek()).toEqual([]);
});

test('messages that wait come in batches of the size that the template says', async () => {
  const { cloud, send, bodies } = await bootMapping({ mapping: { BatchSize: 3 }, concurrency: 1 });

  await send('a', 'b', 'c', 'd', 'e');
  await cloud.idle();

  expect(bodies()).toEqual([
    ['a', 'b', 'c'],
    ['d', 'e'],
  ]);
});

test('a batching window lets messages come together', async () => {
  const { cloud, send, bodies } = await bootMapping({ mapping: { MaximumBatchingWindowInSeconds: 5 } });

  await send('a');
  await send('b');
  await eventually(() => bodies().length > 0);
  await cloud.idle();

  expect(bodies()).toEqual([['a', 'b']]);
});

test('with a window, a full batch goes at once and the rest when the window is over', async () => {
  const { cloud, bodies, send } = await bootMapping({
    queue: { VisibilityTimeout: 600 },
    mapping: { BatchSize: 25, MaximumBatchingWindowInSeconds: 300 },
  });

  for (const start of [0, 10]) await send(...Array.from({ length: 10 }, (_, index) => `m${start + index}`));
  await cloud.idle();
  expect(bodies()).toEqual([]);
  await send(...Array.from({ length: 10 }, (_, index) => `m${20 + index}`));
  await cloud.idle();

  expect(bodies()).toEqual([Array.from({ length: 25 }, (_, index) => `m${index}`)]);
  expect(cloud.queue('jobs').depth()).toEqual({ visible: 5, inFlight: 0, delayed: 0 });
  expect(cloud.requests().byCaller.EventSourceMapping).toMatchObject({
    'SQS.ReceiveMessage': 3,
    'SQS.DeleteMessageBatch': 3,
  });
});

test('a batch carries no more than the 6 MB of an invocation', async () => {
  const { cloud, send, bodies } = await bootMapping({
    queue: { VisibilityTimeout: 600 },
    mapping: { BatchSize: 25, MaximumBatchingWindowInSeconds: 1 },
  });
  // As JSON each quotation mark takes two bytes.
  const body = '"'.repeat(500_000);

  for (let count = 0; count < 9; count += 1) await send(body);
  await eventually(() => bodies().flat().length === 9);
  await cloud.idle();

  expect(Math.max(...bodies().map(({ length }) => length))).toBeLessThanOrEqual(6);
  expect(cloud.function('Fn').errors).toBe(0);
  expect(cloud.queue('jobs').peek()).toEqual([]);
});

test('the time in the window counts towards the visibility time-out', async () => {
  const { cloud, send, bodies } = await bootMapping({
    queue: { VisibilityTimeout: 100 },
    mapping: { MaximumBatchingWindowInSeconds: 1 },
  });

  await send('fail');
  await eventually(() => bodies().length);
  await cloud.idle();
  const [failed] = cloud.queue('jobs').peek();

  expect((failed?.visibleAt ?? 0) - Date.now()).toBeLessThanOrEqual(99_000);
});

test.each([
  [
    { BatchSize: 11 },
    'Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10',
  ],
  [{ BatchSize: 10_001, MaximumBatchingWindowInSeconds: 1 }, 'property BatchSize'],
  [{ MaximumBatchingWindowInSeconds: 301 }, 'property MaximumBatchingWindowInSeconds'],
  [{ ScalingConfig: { MaximumConcurrency: 1 } }, 'property ScalingConfig.MaximumConcurrency'],
  [{ ScalingConfig: { MaximumConcurrency: 1_001 } }, 'property ScalingConfig.MaximumConcurrency'],
  [{ MaximumRetryAttempts: 1 }, 'property MaximumRetryAttempts is of streams'],
  [
    { FilterCriteria: { Filters: [{ Pattern: '{"messageAttributes":{"a":["b"]}}' }] } },
    'property FilterCriteria filters a queue by body, not by messageAttributes',
  ],
])('%j stops the boot', async (mapping, message) => {
  await expect(bootMapping({ mapping })).rejects.toThrow(message);
});

test('an item that fails comes back after its visibility time-out, the others are done', async () => {
  const { cloud, send, bodies } = await bootMapping({
    queue: { RedrivePolicy: { deadLetterTargetArn: getAtt('Dead', 'Arn'), maxReceiveCount: 2 } },
  });

  await send('fine', 'fail');
  await cloud.idle();
  expect(cloud.queue('jobs').peek()).toMatchObject([{ body: 'fail', receiveCount: 1 }]);
  expect(cloud.queue('jobs').depth().inFlight).toBe(1);

  cloud.queue('jobs').makeAllVisible();
  await eventually(() => bodies().length === 2);
  await cloud.idle();
  cloud.queue('jobs').makeAllVisible();
  await eventually(() => cloud.queue('dead').depth().visible > 0);

  expect(bodies()).toEqual([['fine', 'fail'], ['fail']]);
  expect(cloud.queue('dead').peek()).toMatchObject([{ body: 'fail' }]);
});

test.each(['throw', 'nonsense', 'unknown item'])('%s: the whole batch comes back', async (body) => {
  const { cloud, send } = await bootMapping();

  await send('fine', body);
  await cloud.idle();

  expect(
    cloud
      .queue('jobs')
      .peek()
      .map((message) => message.body),
  ).toEqual(['fine', body]);
});

test('without ReportBatchItemFailures the response means nothing', async () => {
  const { cloud, send } = await bootMapping({ mapping: { FunctionResponseTypes: [] } });

  await send('fail');
  await cloud.idle();

  expect(cloud.queue('jobs').peek()).toEqual([]);
});

/** The most invocations at a time, by the lines that the platform logged. */
function mostAtATime(platform: readonly string[]): number {
  const running = new Set<string | undefined>();
  const counts = platform.map((line) => {
    const [, kind, requestId] = /^(START|REPORT) RequestId: (\S+)/.exec(line) ?? [];
    if (kind === 'START') running.add(requestId);
    else running.delete(requestId);
    return running.size;
  });
  return Math.max(0, ...counts);
}

test('no more batches at a time than MaximumConcurrency, and none is received before it can be handled', async () => {
  const gate = join(await temporaryDirectory(), 'open');
  const { cloud, send, platform } = await bootMapping({
    mapping: { BatchSize: 1, ScalingConfig: { MaximumConcurrency: 2 } },
    lambda: { Timeout: 900 },
  });

  await send(...Array<string>(5).fill(`until there is ${gate}`));
  await eventually(() => mostAtATime(platform) === 2, 'two at a time');
  const depth = cloud.queue('jobs').depth();
  await writeFile(gate, '');
  await cloud.idle();

  expect(depth).toEqual({ visible: 3, inFlight: 2, delayed: 0 });
  expect(mostAtATime(platform)).toBe(2);
  expect(cloud.function('Fn').invocations).toBe(5);
});

test('what a throttled function misses comes back to it', async () => {
  const { cloud, send, bodies } = await bootMapping();
  cloud.function('Fn').throttle(true);
  await send('patient');
  await cloud.idle();
  expect(cloud.queue('jobs').peek()).toMatchObject([{ receiveCount: 1 }]);

  cloud.function('Fn').throttle(false);
  cloud.queue('jobs').makeAllVisible();
  await eventually(() => bodies().length > 0);
  await cloud.idle();

  expect(cloud.queue('jobs').peek()).toEqual([]);
});

test('what no filter lets through is deleted unseen', async () => {
  const Filters = [{ Pattern: '{"body":{"kind":["wanted"]}}' }, { Pattern: '{"body":[{"prefix":"text"}]}' }];
  const { cloud, send, bodies } = await bootMapping({ mapping: { FilterCriteria: { Filters } } });

  await send('{"kind":"wanted"}', '{"kind":"other"}', 'text only', 'nothing');
  await cloud.idle();

  expect(bodies().flat()).toEqual(['{"kind":"wanted"}', 'text only']);
  expect(cloud.queue('jobs').peek()).toEqual([]);
});

test('a visibility time-out shorter than the function’s time-out stops the boot, as it stops a deployment', async () => {
  await expect(bootMapping({ queue: { VisibilityTimeout: 2 } })).rejects.toThrow(
    'Queue visibility timeout: 2 seconds is less than Function timeout: 3 seconds',
  );
});
