import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { expect, test } from 'vitest';
import { eventually } from '../../../../support/eventually.ts';
import { boot, clientOf, getAtt, lambda, ref, table } from '../stacks.ts';

/** Prints each event and counts records in the state; once, an item's kind makes it fail or forget the state. */
const HANDLER = `
  const told = new Set();
  const once = (kind) => !told.has(kind) && told.add(kind);
  export const handler = async (event) => {
    console.log(JSON.stringify(event));
    const kinds = event.Records.map(({ dynamodb }) => dynamodb.NewImage.kind.S);
    if (kinds.includes('large')) return { state: { large: 'x'.repeat(2 ** 20) } };
    if (kinds.includes('stateless') && once('stateless')) return {};
    const failing = event.Records.find(({ dynamodb }) => dynamodb.NewImage.kind.S === 'fail');
    const batchItemFailures = failing && once('fail') ? [{ itemIdentifier: failing.dynamodb.SequenceNumber }] : [];
    if (event.isFinalInvokeForWindow && event.state.failsAtEnd && once('end')) throw new Error('as asked');
    const n = (event.state.n ?? 0) + event.Records.length - batchItemFailures.length;
    return { state: { n, ...(kinds.includes('failsAtEnd') && { failsAtEnd: true }) }, batchItemFailures };
  };`;

interface WindowEvent {
  readonly Records: { dynamodb: { ApproximateCreationDateTime: number; NewImage: { id: { S: string } } } }[];
  readonly window: { start: string; end: string };
  readonly state: Record<string, unknown>;
  readonly isFinalInvokeForWindow: boolean;
  readonly isWindowTerminatedEarly: boolean;
}

const mapping = (name: string, properties: Record<string, unknown>) => ({
  Type: 'AWS::Lambda::EventSourceMapping',
  Properties: {
    EventSourceArn: getAtt('Things', 'StreamArn'),
    FunctionName: ref(name),
    StartingPosition: 'TRIM_HORIZON',
    FunctionResponseTypes: ['ReportBatchItemFailures'],
    ...properties,
  },
});

/** A stream with a reader that has windows, and another one that has none. */
async function bootWindows(properties: Record<string, unknown>, more: Record<string, unknown> = {}) {
  const events: WindowEvent[] = [];
  const plain: string[] = [];
  const cloud = await boot(
    {
      Resources: {
        Things: table({ StreamSpecification: { StreamViewType: 'NEW_AND_OLD_IMAGES' } }),
        Windows: lambda('windows', { FunctionName: 'windows' }),
        Plain: lambda('plain', { FunctionName: 'plain' }),
        Mapping: mapping('Windows', properties),
        Other: mapping('Plain', {}),
        ...more,
      },
      Outputs: { Table: { Value: ref('Things') } },
    },
    {
      code: {
        windows: HANDLER,
        plain: 'export const handler = async (event) => console.log(JSON.stringify(event));',
      },
      log: ({ functionName, source, text }) => {
        if (source !== 'stdout') return;
        if (functionName === 'windows') events.push(JSON.parse(text));
        else plain.push(...idsOf(JSON.parse(text)));
      },
    },
  );
  const client = new DynamoDBClient(clientOf(cloud, 'dynamodb'));
  const put = (id: string, kind = 'fine') =>
    client.send(
      new PutItemCommand({ TableName: cloud.outputs.Table, Item: { id: { S: id }, kind: { S: kind } } }),
    );
  return { cloud, put, events, plain };
}

/** A length whose next window does not begin while a test runs. */
const longWindow = (): number =>
  [900, 893].find((seconds) => seconds - ((Date.now() / 1000) % seconds) > 100)!;

const idsOf = ({ Records }: WindowEvent): string[] => Records.map(({ dynamodb }) => dynamodb.NewImage.id.S);

test('batches carry their window and the state, an empty final invocation ends it, and the next one begins anew', async () => {
  const { put, events, plain } = await bootWindows({ TumblingWindowInSeconds: 1 });

  await put('a');
  await eventually(() => events.some(({ isFinalInvokeForWindow }) => isFinalInvokeForWindow));
  await put('b');
  await eventually(() => events.filter(({ isFinalInvokeForWindow }) => isFinalInvokeForWindow).length === 2);

  const [first, end, second] = events;
  const written = first!.Records[0]!.dynamodb.ApproximateCreationDateTime;
  expect(first).toEqual({
    Records: [expect.objectContaining({ eventName: 'INSERT' })],
    window: {
      start: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
      end: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
    },
    state: {},
    shardId: expect.stringMatching(/^shardId-/),
    eventSourceARN: expect.stringMatching(/:table\/.+\/stream\//),
    isFinalInvokeForWindow: false,
    isWindowTerminatedEarly: false,
  });
  expect(Date.parse(first!.window.start)).toBeLessThanOrEqual(written * 1000);
  expect(Date.parse(first!.window.end)).toBeGreaterThan(written * 1000);
  expect(end).toEqual({ ...first, Records: [], state: { n: 1 }, isFinalInvokeForWindow: true });
  expect(second).toMatchObject({ state: {}, isFinalInvokeForWindow: false });
  expect(Date.parse(second!.window.start)).toBeGreaterThanOrEqual(Date.parse(first!.window.end));
  expect(plain).toEqual(['a', 'b']);
});

test('a response without a state is a failure; one with failed items keeps its state', async () => {
  const { cloud, put, events } = await bootWindows({ TumblingWindowInSeconds: longWindow(), BatchSize: 1 });

  await put('a', 'stateless');
  await put('b', 'fail');
  await put('c');
  await cloud.idle();

  const batches = events.filter(({ isFinalInvokeForWindow }) => !isFinalInvokeForWindow);
  expect(batches.map(idsOf)).toEqual([['a'], ['a'], ['b'], ['b'], ['c']]);
  expect(batches.slice(0, 4).map(({ state }) => state)).toEqual([{}, {}, { n: 1 }, { n: 1 }]);
});

test('nothing is processed before a final invocation that failed has succeeded', async () => {
  const { put, events } = await bootWindows({ TumblingWindowInSeconds: 1 });

  await put('a', 'failsAtEnd');
  await eventually(() => events.some(({ isFinalInvokeForWindow }) => isFinalInvokeForWindow));
  await put('b');
  await eventually(() => events.some((event) => idsOf(event).includes('b')));

  expect(events.slice(0, 4).map((event) => [idsOf(event), event.isFinalInvokeForWindow])).toEqual([
    [['a'], false],
    [[], true],
    [[], true],
    [['b'], false],
  ]);
});

test('a state of more than 1 MB ends its window early', async () => {
  const { cloud, put, events } = await bootWindows({ TumblingWindowInSeconds: longWindow() });

  await put('a', 'large');
  await cloud.idle();
  await put('b');
  await cloud.idle();

  expect(events.slice(0, 3)).toMatchObject([
    { isFinalInvokeForWindow: false, isWindowTerminatedEarly: false },
    { isFinalInvokeForWindow: true, isWindowTerminatedEarly: true, Records: [] },
    { isFinalInvokeForWindow: false, isWindowTerminatedEarly: false, state: {} },
  ]);
});

test.each([
  [{ TumblingWindowInSeconds: 901 }, {}, /TumblingWindowInSeconds: .*900/],
  [{ TumblingWindowInSeconds: 60, ParallelizationFactor: 2 }, {}, /ParallelizationFactor must be 1/],
  [{}, { Third: mapping('Plain', {}) }, /more than 2 mappings read the stream/],
])('%j %j stops the boot', async (properties, more, expected) => {
  await expect(bootWindows(properties, more)).rejects.toThrow(expected);
});
