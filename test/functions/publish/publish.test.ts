/** The outbox: every change its event, refused entries tried again, and what failed given back. */
import type { EventBridgeClient, PutEventsRequestEntry } from '@aws-sdk/client-eventbridge';
import { marshall } from '@aws-sdk/util-dynamodb';
import type { DynamoDBRecord } from 'aws-lambda';
import { describe, expect, test } from 'vitest';
import {
  type OpenTask,
  type PublishDependencies,
  publish,
  type Unpublished,
} from '../../../functions/publish/publish.ts';
import type { TaskRecord } from '../../../shared/task/record.ts';
import { CREATED, keptImage, taskRecord } from '../../support/records.ts';
import { keptTelemetry } from '../../support/telemetry.ts';

const linkTo = (id: string, index: number) => `https://api.example.com/v1/images/${id}/${index}/signed`;
const change = (record: TaskRecord, sequence: number): DynamoDBRecord => ({
  eventName: 'INSERT',
  eventID: `e${sequence}`,
  dynamodb: {
    SequenceNumber: String(sequence),
    Keys: { id: { S: record.id } },
    NewImage: marshall(record, { removeUndefinedValues: true }) as never,
  },
});
const changes = (count: number, own: Partial<TaskRecord> = {}) =>
  Array.from({ length: count }, (_, nth) => change(taskRecord(own), nth));

type Put = readonly PutEventsRequestEntry[];

/** A bus with EventBridge's limits. `refuses` names an entry's error code, or nothing; `nth` counts the calls from 1. */
function bus(refuses: (entry: PutEventsRequestEntry, nth: number) => string | undefined = () => undefined) {
  const puts: Put[] = [];
  const send = async ({ input }: { input: { Entries: Put } }) => {
    const { Entries } = input;
    const bytes = Entries.map(({ Detail = '' }) => Buffer.byteLength(Detail));
    if (Entries.length > 10 || bytes.reduce((a, b) => a + b) > 256 * 1024)
      throw Object.assign(new Error('too large'), { name: 'ValidationException' });
    puts.push(Entries);
    const codes = Entries.map((entry) => refuses(entry, puts.length));
    return {
      FailedEntryCount: codes.filter(Boolean).length,
      Entries: codes.map((code) => (code ? { ErrorCode: code } : { EventId: 'id' })),
    };
  };
  const pauses: number[] = [];
  const timers: OpenTask[] = [];
  const setAside: Unpublished[] = [];
  const telemetry = keptTelemetry();
  const dependencies: PublishDependencies = {
    client: { send } as unknown as EventBridgeClient,
    busName: 'wanhook',
    telemetry,
    now: () => NOW,
    pause: async (ms: number) => void pauses.push(ms),
    startTimers: async (tasks) => {
      timers.push(...tasks);
      return new Set<string>();
    },
    setAside: async (unpublished) => void setAside.push(unpublished),
  };
  return {
    puts,
    pauses,
    timers,
    setAside,
    telemetry,
    publish: (records: readonly DynamoDBRecord[], own: Partial<PublishDependencies> = {}) =>
      publish({ ...dependencies, ...own }, records, linkTo),
  };
}
const NOW = CREATED * 1000 + 60_000;
const idOf = ({ Detail = '{}' }: PutEventsRequestEntry): string => JSON.parse(Detail).id;

test('a change becomes the documented event', async () => {
  const { puts, publish } = bus();
  const record = taskRecord({ status: 'completed', completed: CREATED + 30, images: [keptImage(0)] });

  expect(await publish([change(record, 1)])).toEqual([]);

  const [entry] = puts[0]!;
  expect(entry).toMatchObject({
    EventBusName: 'wanhook',
    Source: 'wanhook',
    DetailType: 'Image Task Completed',
    Time: new Date((CREATED + 30) * 1000),
  });
  expect(JSON.parse(entry!.Detail!)).toMatchObject({
    version: '1',
    id: `${record.id}:completed`,
    owner: 'acme',
    task: { id: record.id, status: 'completed', results: [linkTo(record.id, 0)] },
  });
});

test('the same change published again is the very same event', async () => {
  const { puts, publish } = bus();
  const [one] = changes(1);

  await publish([one!]);
  await publish([one!]);

  expect(puts[1]).toEqual(puts[0]);
});

describe('batches', () => {
  test.each([
    [0, []],
    [1, [1]],
    [10, [10]],
    [11, [10, 1]],
    [50, [10, 10, 10, 10, 10]],
  ])('of %i changes go ten at a time, in their order', async (count, sizes) => {
    const { puts, publish } = bus();
    const records = changes(count);

    expect(await publish(records)).toEqual([]);

    expect(puts.map(({ length }) => length)).toEqual(sizes);
    const ids = records.map(({ dynamodb }) => `${dynamodb?.NewImage?.id?.S}:created`);
    expect(puts.flat().map(idOf)).toEqual(ids);
  });

  test('of large events stay below the limit of a call', async () => {
    const { puts, publish } = bus();
    const output = [{ type: 'text' as const, text: 'x'.repeat(100_000) }];

    expect(await publish(changes(5, { output, status: 'completed' }))).toEqual([]);

    expect(puts.flat()).toHaveLength(5);
    expect(puts.map(({ length }) => length)).toEqual([2, 2, 1]);
  });

  test('take an event whose texts alone are larger than a call', async () => {
    const { puts, publish } = bus();
    const output = [{ type: 'text' as const, text: '狐'.repeat(100_000) }];

    expect(await publish(changes(2, { output, status: 'completed' }))).toEqual([]);
    expect(puts.flat()).toHaveLength(2);
  });
});

describe('an entry that the bus refuses', () => {
  test('is tried again alone, until it is taken', async () => {
    const records = changes(3);
    const unlucky = `${records[1]?.dynamodb?.NewImage?.id?.S}:created`;
    const { puts, pauses, telemetry, publish } = bus((entry, nth) =>
      idOf(entry) === unlucky && nth < 3 ? 'ThrottlingException' : undefined,
    );

    expect(await publish(records)).toEqual([]);

    expect(puts.map((put) => put.length)).toEqual([3, 1, 1]);
    expect(pauses).toEqual([50, 200]);
    expect(telemetry.counts).toEqual(Array(2).fill('EventRefused:ThrottlingException'));
  });

  test('again and again is given back to the stream; the others are not', async () => {
    const records = changes(12);
    const unlucky = new Set(
      [records[0], records[4], records[11]].map((one) => `${one?.dynamodb?.NewImage?.id?.S}:created`),
    );
    const { puts, publish } = bus((entry) => (unlucky.has(idOf(entry)) ? 'InternalFailure' : undefined));

    expect(await publish(records)).toEqual(['0', '4', '11']);

    expect(puts.map((put) => put.length)).toEqual([10, 2, 2, 2, 2, 1, 1, 1]);
  });

  test('is logged without the event', async () => {
    const { publish, telemetry } = bus(() => 'InternalFailure');
    await publish(changes(1, { prompt: 'a secret fox' }));
    expect(telemetry.lines.join()).not.toContain('secret fox');
  });
});

test('a bus that cannot be reached is a fault: the whole batch comes again', async () => {
  const { publish } = bus(() => {
    throw new Error('ECONNREFUSED');
  });
  await expect(publish(changes(2))).rejects.toThrow('ECONNREFUSED');
});

/*
 * Regression: one record that could not become an event, or one entry that the bus refuses for good, stopped the shard.
 *
 *   [good, odd, good, …] ─► one try around all ─► throws ─► the same batch for 23 hours: no event, no timer behind it
 *
 * What these prove: the others get their events and timers at once, and the odd one is set aside, to be republished.
 */
describe('what is wrong with one record', () => {
  const idsOf = (records: readonly DynamoDBRecord[]) => records.map((one) => one.dynamodb?.Keys?.id?.S);

  test.each<[string, (good: DynamoDBRecord) => DynamoDBRecord['dynamodb'], string]>([
    [
      'a time that is none',
      ({ dynamodb }) => ({ ...dynamodb, NewImage: { ...dynamodb!.NewImage, created: { S: 'soon' } } }),
      'RangeError',
    ],
    [
      'a record of a later deployment',
      ({ dynamodb }) => ({ ...dynamodb, NewImage: { ...dynamodb!.NewImage, schema_version: { N: '2' } } }),
      'UnknownSchemaVersionError',
    ],
    ['no image', ({ dynamodb }) => ({ ...dynamodb, NewImage: undefined as never }), 'Error'],
    [
      'an attribute of an unknown type',
      ({ dynamodb }) => ({ ...dynamodb, NewImage: { ...dynamodb!.NewImage, id: { X: '1' } as never } }),
      'Error',
    ],
  ])('%s, is set aside, and the others are published', async (_, spoil, reason) => {
    const { publish, puts, setAside, telemetry, timers } = bus();
    const records = changes(12);
    const odd = { ...records[4]!, dynamodb: spoil(records[4]!)! };

    expect(await publish(records.with(4, odd))).toEqual([]);

    expect(puts.flat()).toHaveLength(11);
    expect(timers.length).toBeGreaterThanOrEqual(11);
    expect(setAside).toEqual([{ task: idsOf(records)[4], reason }]);
    expect(telemetry.counts).toEqual([`EventUnpublished:${reason}`]);
  });

  test.each(['MalformedDetail', 'InvalidArgument'])(
    'an entry refused for good (%s), is set aside',
    async (code) => {
      const records = changes(3);
      const odd = `${idsOf(records)[1]}:created`;
      const { publish, puts, setAside } = bus((entry) => (idOf(entry) === odd ? code : undefined));

      expect(await publish(records)).toEqual([]);

      expect(puts.map((put) => put.length)).toEqual([3]);
      expect(setAside).toEqual([{ task: idsOf(records)[1], reason: code }]);
    },
  );

  test('an entry that makes EventBridge refuse its whole call, is found by putting each alone', async () => {
    const records = changes(4);
    const odd = `${idsOf(records)[2]}:created`;
    const { publish, puts, setAside } = bus((entry) => {
      if (idOf(entry) === odd) throw Object.assign(new Error('too large'), { name: 'ValidationException' });
      return undefined;
    });

    expect(await publish(records)).toEqual([]);

    expect(new Set(puts.flat().map(idOf))).toEqual(new Set(idsOf(records).map((id) => `${id}:created`)));
    expect(setAside).toEqual([{ task: idsOf(records)[2], reason: 'ValidationException' }]);
  });

  test('that cannot be set aside comes again, alone', async () => {
    const { publish } = bus((entry) => (idOf(entry) === odd ? 'MalformedDetail' : undefined));
    const records = changes(3);
    const odd = `${idsOf(records)[1]}:created`;

    const failed = await publish(records, { setAside: () => Promise.reject(new Error('the queue is gone')) });

    expect(failed).toEqual(['1']);
  });
});

describe('timers', () => {
  test('are started for open tasks, and for no task that has ended', async () => {
    const { publish, timers } = bus();
    const [pending, ended] = [taskRecord(), taskRecord({ status: 'completed', completed: CREATED + 30 })];

    await publish([change(pending, 0), change(ended, 1)]);

    expect(timers.map(({ id }) => id)).toEqual([pending.id]);
  });

  test('are started although the bus cannot be reached', async () => {
    const { publish, timers } = bus(() => {
      throw new Error('ECONNREFUSED');
    });

    await expect(publish(changes(2))).rejects.toThrow('ECONNREFUSED');

    expect(timers).toHaveLength(2);
  });

  test('that could not be started bring their records again, and only them', async () => {
    const { publish, puts } = bus();
    const records = changes(3);

    const failed = await publish(records, {
      startTimers: async (tasks) => new Set(tasks.slice(1, 2).map(({ id }) => id)),
    });

    expect(failed).toEqual(['1']);
    expect(puts.flat()).toHaveLength(3);
  });
});

test('a call that fails is no other call’s concern', async () => {
  const { publish } = bus((_, nth) => {
    if (nth === 1) throw new Error('ECONNRESET');
    return undefined;
  });

  expect(await publish(changes(12))).toEqual(Array.from({ length: 10 }, (_, nth) => String(nth)));
});

describe('what is on the bus is measured, by model', () => {
  const completed = (own: Partial<TaskRecord> = {}) =>
    taskRecord({
      status: 'completed',
      completed: CREATED + 30,
      images: [keptImage(0), keptImage(1)],
      charge: { images: 2, amount: 125_000, currency: 'USD', source: 'provider' },
      heard_ms: NOW - 1500,
      ...own,
    });

  test('tasks by how far they are, bytes, delays, money', async () => {
    const { telemetry, publish } = bus();
    const records = [
      taskRecord(),
      taskRecord({ model: 'wan26_i2i' }),
      completed(),
      completed({ heard_ms: NOW - 20 }),
      taskRecord({ status: 'failed', error: { code: 'x', message: 'x', type: 'task_error' } }),
    ];

    await publish(records.map(change));

    const bytes = 4 * keptImage(0).bytes;
    const model = 'wan2.5-text-to-image';
    expect(telemetry.measured).toEqual([
      [
        {
          TaskCreated: 1,
          TaskCompleted: 2,
          ArchivedBytes: bytes,
          TaskFailed: 1,
          CallbackToEvent: [1500, 20],
        },
        { model },
      ],
      [{ Charged: 0.25 }, { model, currency: 'USD' }],
      [{ TaskCreated: 1 }, { model: 'wan26_i2i' }],
    ]);
  });

  test('what is free or without a currency is no line of money', async () => {
    const { telemetry, publish } = bus();
    const free = { images: 0, amount: 0, currency: 'USD', source: 'none' } as const;

    await publish(
      [completed({ charge: free }), completed({ charge: { images: 2, source: 'provider' } })].map(change),
    );

    expect(telemetry.measured).toHaveLength(1);
  });

  test('never what the bus did not take', async () => {
    const refused = taskRecord();
    const busy = taskRecord();
    const { telemetry, publish } = bus((entry) => {
      if (idOf(entry).startsWith(refused.id)) return 'ValidationException';
      return idOf(entry).startsWith(busy.id) ? 'ThrottlingException' : undefined;
    });

    await publish([refused, busy].map(change));
    expect(telemetry.measured).toEqual([]);
    await publish([refused, taskRecord(), busy].map(change));
    expect(telemetry.measured).toEqual([[{ TaskCreated: 1 }, { model: refused.model }]]);
  });
});
