import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { expect, onTestFinished, test, vi } from 'vitest';
import { eventually } from '../../../../support/eventually.ts';
import { boot, clientOf, getAtt, lambda, queue, ref, table, temporaryDirectory } from '../stacks.ts';

/** Prints each event; an item named bad… makes it fail, in the way that the item's kind says. */
const HANDLER = `
  export const handler = async (event) => {
    console.log(JSON.stringify(event));
    const items = event.Records.map(({ dynamodb }) => dynamodb.NewImage);
    if (items.some(({ kind }) => kind?.S === 'throw')) throw new Error('as asked');
    const bad = event.Records.find(({ dynamodb }) => dynamodb.NewImage.kind?.S === 'fail');
    return { batchItemFailures: bad ? [{ itemIdentifier: bad.dynamodb.SequenceNumber }] : [] };
  };`;

interface StreamEvent {
  readonly Records: { eventName: string; dynamodb: { NewImage: { id: { S: string } } } }[];
}

async function bootStream(
  mapping: Record<string, unknown> = {},
  options: { stateDir?: string; enabled?: boolean } = {},
) {
  const events: StreamEvent[] = [];
  const { enabled = true, ...rest } = options;
  const cloud = await boot(
    {
      Resources: {
        Things: table({ StreamSpecification: { StreamViewType: 'NEW_AND_OLD_IMAGES' } }),
        Lost: queue({ QueueName: 'lost' }),
        Fn: lambda('fn', { FunctionName: 'fn' }),
        Mapping: {
          Type: 'AWS::Lambda::EventSourceMapping',
          Properties: {
            EventSourceArn: getAtt('Things', 'StreamArn'),
            FunctionName: ref('Fn'),
            StartingPosition: 'TRIM_HORIZON',
            FunctionResponseTypes: ['ReportBatchItemFailures'],
            DestinationConfig: { OnFailure: { Destination: getAtt('Lost', 'Arn') } },
            Enabled: enabled,
            ...mapping,
          },
        },
      },
      Outputs: { Table: { Value: ref('Things') } },
    },
    {
      code: { fn: HANDLER },
      log: ({ source, text }) => source === 'stdout' && events.push(JSON.parse(text)),
      ...rest,
    },
  );
  const client = new DynamoDBClient(clientOf(cloud, 'dynamodb'));
  const put = (id: string, kind = 'fine') =>
    client.send(
      new PutItemCommand({ TableName: cloud.outputs.Table, Item: { id: { S: id }, kind: { S: kind } } }),
    );
  const ids = () => events.map(({ Records }) => Records.map(({ dynamodb }) => dynamodb.NewImage.id.S));
  return { cloud, put, events, ids };
}

test('a write reaches the function at once, in the shape of Lambda’s event', async () => {
  const { cloud, put, events } = await bootStream();

  await put('a', 'one');
  await cloud.idle();
  await put('a', 'two');
  await cloud.idle();

  expect(events).toHaveLength(2);
  expect(events[1]?.Records).toEqual([
    {
      eventID: expect.stringMatching(/^[0-9a-f]{32}$/),
      eventName: 'MODIFY',
      eventVersion: '1.1',
      eventSource: 'aws:dynamodb',
      awsRegion: 'us-east-1',
      dynamodb: {
        ApproximateCreationDateTime: expect.any(Number),
        Keys: { id: { S: 'a' } },
        NewImage: { id: { S: 'a' }, kind: { S: 'two' } },
        OldImage: { id: { S: 'a' }, kind: { S: 'one' } },
        SequenceNumber: expect.stringMatching(/^\d+$/),
        SizeBytes: expect.any(Number),
        StreamViewType: 'NEW_AND_OLD_IMAGES',
      },
      eventSourceARN: expect.stringMatching(
        new RegExp(`^arn:aws:dynamodb:us-east-1:000000000000:table/${cloud.outputs.Table}/stream/.+`),
      ),
    },
  ]);
});

test('a write reaches the function without any polling', async () => {
  vi.useFakeTimers({ toFake: ['setInterval'] });
  onTestFinished(() => void vi.useRealTimers());
  const { cloud, put, ids } = await bootStream();
  await cloud.idle();

  await put('a');

  await eventually(() => ids().length === 1);
});

test('records come in order, each once, in batches of at most the size given', async () => {
  const { cloud, put, ids } = await bootStream({ BatchSize: 4 });
  const expected = Array.from({ length: 30 }, (_, index) => `item ${index}`);

  for (const id of expected) await put(id);
  await cloud.idle();

  expect(ids().flat()).toEqual(expected);
  expect(Math.max(...ids().map(({ length }) => length))).toBeLessThanOrEqual(4);
});

test('only what a filter lets through is seen', async () => {
  const pattern = { eventName: ['MODIFY'], dynamodb: { NewImage: { kind: { S: ['done'] } } } };
  const { cloud, put, ids } = await bootStream({
    FilterCriteria: { Filters: [{ Pattern: JSON.stringify(pattern) }] },
  });

  await put('a', 'done');
  await put('a', 'open');
  await put('b');
  await put('b', 'done');
  await cloud.idle();

  expect(ids()).toEqual([['b']]);
});

test('a partial failure is retried from the failed record on; what came before is done', async () => {
  const { cloud, put, ids } = await bootStream({
    MaximumRetryAttempts: 2,
    MaximumBatchingWindowInSeconds: 1,
  });

  await put('a');
  await put('b', 'fail');
  await put('c');
  await cloud.idle();

  expect(ids()[0]).toEqual(['a', 'b', 'c']);
  expect(ids().slice(1)).toEqual([
    ['b', 'c'],
    ['b', 'c'],
  ]);
  expect(JSON.parse(cloud.queue('lost').peek()[0]?.body ?? '')).toMatchObject({
    DDBStreamBatchInfo: { batchSize: 2 },
  });
});

test('what is tried too often is discarded with an invocation record in the on-failure queue, and the rest goes on', async () => {
  const { cloud, put, ids } = await bootStream({ MaximumRetryAttempts: 1, BatchSize: 1 });

  await put('bad', 'throw');
  await put('good');
  await cloud.idle();
  const [record] = cloud.queue('lost').peek();

  expect(ids()).toEqual([['bad'], ['bad'], ['good']]);
  expect(JSON.parse(record?.body ?? '')).toEqual({
    requestContext: {
      requestId: expect.any(String),
      functionArn: 'arn:aws:lambda:us-east-1:000000000000:function:fn:$LATEST',
      condition: 'RetryAttemptsExhausted',
      approximateInvokeCount: 2,
    },
    responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
    version: '1.0',
    timestamp: expect.any(String),
    DDBStreamBatchInfo: {
      shardId: expect.stringMatching(/^shardId-/),
      startSequenceNumber: expect.stringMatching(/^\d+$/),
      endSequenceNumber: expect.stringMatching(/^\d+$/),
      approximateArrivalOfFirstRecord: expect.any(String),
      approximateArrivalOfLastRecord: expect.any(String),
      batchSize: 1,
      streamArn: expect.stringContaining(`:table/${cloud.outputs.Table}/stream/`),
    },
  });
});

test('a batch that fails as a whole is split until the bad record is alone', async () => {
  const { cloud, put, ids } = await bootStream({
    BisectBatchOnFunctionError: true,
    MaximumRetryAttempts: 1,
    MaximumBatchingWindowInSeconds: 1,
  });

  for (const id of ['a', 'b', 'c', 'd']) await put(id, id === 'c' ? 'throw' : 'fine');
  await cloud.idle();

  expect(ids()).toEqual([['a', 'b', 'c', 'd'], ['a', 'b'], ['c', 'd'], ['c'], ['c'], ['d']]);
  expect(cloud.queue('lost').peek()).toHaveLength(1);
});

test('records that are too old are discarded', async () => {
  const { cloud, put, ids } = await bootStream({ MaximumRecordAgeInSeconds: 60 });

  await put('bad', 'throw');
  await eventually(() => ids().length > 1);
  vi.useFakeTimers({ now: Date.now() + 61_000, toFake: ['Date'] });
  await cloud.idle().finally(() => vi.useRealTimers());
  const [record] = cloud.queue('lost').peek();

  expect(JSON.parse(record?.body ?? '')).toMatchObject({
    requestContext: { condition: 'RecordAgeExceeded' },
  });
});

test('records of one key stay in order when several batches are under way', async () => {
  const { cloud, put, events } = await bootStream({ ParallelizationFactor: 4, BatchSize: 2 });

  for (let round = 0; round < 5; round++) {
    await Promise.all(['a', 'b', 'c', 'd', 'e'].map((id) => put(id, `round ${round}`)));
  }
  await cloud.idle();
  const seen = events.flatMap(({ Records }) =>
    Records.map(({ dynamodb }) => dynamodb.NewImage as Record<string, { S: string }>),
  );

  for (const id of ['a', 'b', 'c', 'd', 'e']) {
    const rounds = seen.filter((image) => image.id?.S === id).map((image) => image.kind?.S);
    expect(rounds).toEqual([0, 1, 2, 3, 4].map((round) => `round ${round}`));
  }
});

test('nothing is lost or repeated between two runs over the same state', async () => {
  const stateDir = await temporaryDirectory();
  const first = await bootStream({}, { stateDir });
  await first.put('seen');
  await first.cloud.idle();
  first.cloud.function('fn').throttle(true);
  await first.put('missed');
  await first.cloud.stop();

  const second = await bootStream({}, { stateDir });
  await second.cloud.idle();

  expect(first.ids()).toEqual([['seen']]);
  expect(second.ids()).toEqual([['missed']]);
});

test('LATEST starts with what comes after the boot', async () => {
  const stateDir = await temporaryDirectory();
  const first = await bootStream({}, { stateDir, enabled: false });
  await first.put('old');
  await first.cloud.stop();

  const second = await bootStream({ StartingPosition: 'LATEST' }, { stateDir });
  await second.cloud.idle();
  await second.put('new');
  await second.cloud.idle();

  expect(first.ids()).toEqual([]);
  expect(second.ids()).toEqual([['new']]);
});

test.each([
  [{ ScalingConfig: { MaximumConcurrency: 2 } }, /ScalingConfig is of queues/],
  [{ StartingPosition: undefined }, /StartingPosition is needed/],
  [{ MaximumRecordAgeInSeconds: 59 }, /MaximumRecordAgeInSeconds: .*60/],
  [{ Topics: ['a'] }, /does not know the property Topics/],
  [{ FilterCriteria: { Filters: [{ Pattern: '{"eventName":[{"like":"x"}]}' }] } }, /eventName holds .*like/],
])('%j stops the boot', async (mapping, expected) => {
  await expect(bootStream(mapping)).rejects.toThrow(expected);
});
