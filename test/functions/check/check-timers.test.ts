/**
 * A batch of timers: each open task keeps exactly one timer until it has ended, whatever crashes or comes twice.
 * Real table; the queue is a list with SQS's rules, the clock is the test's.
 */
import fc from 'fast-check';
import { ulid } from 'ulid';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CheckedTask } from '../../../functions/check/check.ts';
import { checkTimers, type TimerDependencies } from '../../../functions/check/check-timers.ts';
import { readTasks } from '../../../functions/check/read-tasks.ts';
import type { StatusRead } from '../../../shared/providers/provider.ts';
import type { TaskRecord } from '../../../shared/task/record.ts';
import { type DelayedTimer, MAX_DELAY_SECONDS, readTimer, type Timer } from '../../../shared/task/timers.ts';
import { scriptedProvider } from '../../support/provider.ts';
import { CREATED, outcome, type RecordChanges, taskRecord } from '../../support/records.ts';
import { hasDynamoServer, openTables, type TestTables } from '../../support/tasks-table.ts';
import { keptTelemetry } from '../../support/telemetry.ts';
import { watched } from '../../support/watched-store.ts';

interface Queued {
  readonly messageId: string;
  readonly body: string;
  receives: number;
  /** Seconds since 1970. */
  visibleAt: number;
}

const VISIBILITY = 360;
const running: StatusRead = {
  kind: 'report',
  report: { providerTaskId: 'p-1', status: 'processing', progress: 0 },
  body: Buffer.from('{}'),
};

describe.runIf(hasDynamoServer())('timers', () => {
  let tables: TestTables;
  beforeAll(async () => {
    tables = await openTables();
  });
  afterAll(() => tables.close());

  /** A queue of timers and the function behind it. */
  function scene({ visibility = VISIBILITY } = {}) {
    let now = CREATED + 900;
    let ids = 0;
    const queue: Queued[] = [];
    const provider = scriptedProvider({ reads: [running] });
    const telemetry = keptTelemetry();
    const table = watched(tables.store);
    const put = ({ timer, delaySeconds }: DelayedTimer) => {
      expect(delaySeconds).toBeGreaterThanOrEqual(0);
      expect(delaySeconds).toBeLessThanOrEqual(MAX_DELAY_SECONDS);
      queue.push({
        messageId: `m${ids++}`,
        body: JSON.stringify(timer),
        receives: 0,
        visibleAt: now + delaySeconds,
      });
    };
    const dependencies: TimerDependencies = {
      store: table.store,
      readTasks: (wanted) => readTasks(tables.client, tables.tasks.name, wanted, async () => undefined),
      provider: async () => provider,
      enqueue: async () => undefined,
      telemetry,
      now: () => now * 1000,
      overdueSeconds: 900,
      freshUlid: (time) => ulid(time),
      send: async (timers) => {
        for (const timer of timers) put(timer);
        return new Map();
      },
    };
    /** Receives what is visible, at most so many, as one batch. */
    async function receive(own: Partial<TimerDependencies> = {}, most = 100): Promise<string[]> {
      const batch = queue.filter(({ visibleAt }) => visibleAt <= now).slice(0, most);
      for (const message of batch) {
        message.receives += 1;
        message.visibleAt = now + visibility;
      }
      const failed = new Set(await checkTimers({ ...dependencies, ...own }, batch));
      for (const message of batch) {
        if (!failed.has(message.messageId)) queue.splice(queue.indexOf(message), 1);
      }
      return [...failed];
    }
    return {
      queue,
      provider,
      telemetry,
      table,
      dependencies,
      receive,
      start: (task: string, own: Partial<Timer> = {}) =>
        put({ timer: { task, attempt: 1, ...own }, delaySeconds: 0 }),
      wait: (seconds: number) => {
        now += seconds;
      },
      now: () => now,
      timersOf: (task: string) =>
        queue.flatMap(({ body }) => readTimer(body) ?? []).filter((one) => one.task === task),
    };
  }

  async function created(changes: RecordChanges = {}): Promise<TaskRecord> {
    const record = taskRecord({
      provider: 'vtrix',
      submission: 'accepted',
      provider_task_id: 'p-1',
      ...changes,
    });
    await tables.store.putIntent(record);
    return record;
  }

  test('of a task that has ended, or is gone, are deleted unasked; one read serves them all', async () => {
    const { queue, provider, receive, start, dependencies } = scene();
    const ended = await Promise.all(Array.from({ length: 60 }, () => created({ status: 'completed' })));
    for (const { id } of ended) start(id);
    start(taskRecord().id);
    const reads: number[] = [];

    const failed = await receive({
      readTasks: (ids) => {
        reads.push(ids.length);
        return dependencies.readTasks(ids);
      },
    });

    expect(failed).toEqual([]);
    expect([queue, provider.reads, reads]).toEqual([[], [], [61]]);
  });

  test('of an open task are sent on, and name their chain on the record', async () => {
    const { receive, start, timersOf, provider } = scene();
    const { id } = await created();
    start(id);

    await receive();

    const [next] = timersOf(id);
    expect(timersOf(id)).toHaveLength(1);
    expect(next).toEqual({ task: id, attempt: 2, due: expect.any(Number), chain: expect.any(String) });
    expect((await tables.store.get(id))?.timer_chain).toBe(next?.chain);
    expect(provider.reads).toEqual(['p-1']);
  });

  test('that go on in their chain write nothing', async () => {
    const { receive, start, wait, table } = scene();
    start((await created({ status: 'processing' })).id);
    await receive();
    wait(30);

    await receive();

    expect(table.writes()).toEqual(['obeyChain']);
  });

  test('wait longer than a delay lasts in several messages, without asking the provider in between', async () => {
    const { receive, start, wait, now, timersOf, provider, queue } = scene();
    const { id } = await created({ provider: 'evolink' });
    start(id, { attempt: 5 });
    await receive();
    const { due, chain } = timersOf(id)[0]!;

    const hops: number[] = [];
    while (now() < due!) {
      hops.push(queue[0]!.visibleAt - now());
      wait(hops.at(-1)!);
      if (now() < due!) await receive();
    }

    expect(due! - CREATED - 900).toBe(14_400);
    expect(hops).toEqual(Array(16).fill(900));
    expect(provider.reads).toEqual(['p-1']);
    expect(timersOf(id)).toEqual([{ task: id, attempt: 6, due, chain }]);
    await receive();
    expect(provider.reads).toEqual(['p-1', 'p-1']);
  });

  test('hold nothing that a caller or a provider said', async () => {
    const { receive, start, queue } = scene();
    const { id } = await created({ prompt: 'a fox \uffff\u0001', metadata: { odd: '\ufffe' } });
    start(id);

    await receive();

    expect(queue[0]?.body).toMatch(/^[\x20-\x7e]+$/);
    expect(Object.keys(JSON.parse(queue[0]!.body))).toEqual(['task', 'attempt', 'due', 'chain']);
  });

  test('that are none come again, say so, and leave the others alone', async () => {
    const { receive, start, queue, telemetry, timersOf } = scene();
    const { id } = await created();
    queue.push({ messageId: 'odd', body: '{"detail":{}}', receives: 0, visibleAt: 0 });
    start(id);

    expect(await receive()).toEqual(['odd']);

    expect(timersOf(id)).toHaveLength(1);
    expect(telemetry.lines.join()).toContain('messages are no timers {"messages":["odd"]}');
  });

  test('of which one fails: it comes again, the others are sent on', async () => {
    const { receive, start, dependencies, timersOf } = scene();
    const [bad, good] = [await created(), await created()];
    start(bad.id);
    start(good.id);
    let asked = 0;

    const failed = await receive({
      provider: (name) => {
        asked += 1;
        return asked === 1 ? Promise.reject(new Error('no secret')) : dependencies.provider(name);
      },
    });

    expect(failed).toEqual(['m0']);
    expect(timersOf(good.id)).toMatchObject([{ attempt: 2 }]);
    expect(timersOf(bad.id)).toMatchObject([{ attempt: 1 }]);
  });

  // Regression: a delay that was no number made SQS refuse the other nine timers of its call as well, each time.
  test('of which one is of a record without a time: it comes again, the others are sent on', async () => {
    const { receive, start, timersOf, telemetry } = scene();
    const [strange, good] = [await created({ created: undefined, created_id: 'x' }), await created()];
    start(strange.id);
    start(good.id);

    expect(await receive()).toEqual(['m0']);

    expect(timersOf(good.id)).toMatchObject([{ attempt: 2 }]);
    expect(telemetry.lines.join()).toContain(`the record of ${strange.id} does not say when it was created`);
  });

  describe('that come twice', () => {
    test('in one batch: one goes on, and the provider is asked once', async () => {
      const { receive, start, timersOf, provider } = scene();
      const { id } = await created();
      start(id);
      start(id);

      await receive();

      expect(timersOf(id)).toHaveLength(1);
      expect(provider.reads).toHaveLength(1);
    });

    // The stream repeats a batch of `publish`, so a task may get several first timers.
    test('one after the other: the later one is dropped', async () => {
      const { receive, start, timersOf, provider, wait } = scene();
      const { id } = await created();
      start(id);
      await receive();
      start(id);

      await receive();
      wait(1);

      expect(timersOf(id)).toHaveLength(1);
      expect(provider.reads).toHaveLength(1);
    });

    test('at the same time, in two functions: one of them goes on', async () => {
      const { receive, start, timersOf, wait } = scene();
      const { id } = await created();
      start(id);
      start(id);
      await Promise.all([receive({}, 1), receive({}, 1)]);
      const both = timersOf(id).length;

      for (let hop = 0; hop < 3; hop++) {
        wait(120);
        await receive();
      }

      expect(both).toBe(2);
      expect(timersOf(id)).toHaveLength(1);
    });
  });

  describe('whose function dies', () => {
    const crash = () => Promise.reject(new Error('killed'));

    test.each<[string, (scene: TimerDependencies) => Partial<TimerDependencies>]>([
      ['before the records are read', () => ({ readTasks: crash })],
      ['while the provider is asked', () => ({ provider: crash })],
      ['before anything is sent', () => ({ send: crash })],
      ['after everything was sent', ({ send }) => ({ send: (timers) => send(timers).then(crash) })],
      ['before the chain is written', ({ store }) => ({ store: { ...store, obeyChain: crash } })],
      [
        'after the chain was written',
        ({ store }) => ({
          store: { ...store, obeyChain: (id, chain) => store.obeyChain(id, chain).then(crash) },
        }),
      ],
    ])('%s: the timer lives on, and there is one again at the end', async (_, dying) => {
      const { receive, start, timersOf, wait, dependencies } = scene();
      const { id } = await created();
      start(id);

      await receive(dying(dependencies)).catch(() => undefined);
      expect(timersOf(id).length).toBeGreaterThanOrEqual(1);
      for (let hop = 0; hop < 6; hop++) {
        wait(VISIBILITY);
        await receive();
      }

      expect(timersOf(id)).toHaveLength(1);
    });

    test('random deaths and doubles never lose a timer, and never multiply it', async () => {
      const deaths = fc.constantFrom(
        'none',
        'readTasks',
        'beforeSend',
        'afterSend',
        'beforeChain',
        'afterChain',
        'double',
      );
      await fc.assert(
        fc.asyncProperty(fc.array(deaths, { minLength: 1, maxLength: 12 }), async (program) => {
          const { receive, start, timersOf, wait, dependencies, queue } = scene();
          const { id } = await created();
          const { send, store } = dependencies;
          start(id);
          const own: Record<string, Partial<TimerDependencies>> = {
            readTasks: { readTasks: crash },
            beforeSend: { send: crash },
            afterSend: { send: (timers) => send(timers).then(crash) },
            beforeChain: { store: { ...store, obeyChain: crash } },
            afterChain: {
              store: { ...store, obeyChain: (...given) => store.obeyChain(...given).then(crash) },
            },
          };
          for (const step of program) {
            wait(VISIBILITY);
            // SQS may deliver a message twice.
            if (step === 'double' && queue[0])
              queue.push({ ...queue[0], messageId: `${queue[0].messageId}'` });
            await receive(own[step]).catch(() => undefined);
            expect(timersOf(id).length).toBeGreaterThanOrEqual(1);
            // A death leaves at most one more; they never multiply each other.
            expect(timersOf(id).length).toBeLessThanOrEqual(program.length + 1);
          }
          for (let hop = 0; hop < 3; hop++) {
            wait(VISIBILITY);
            await receive();
          }
          expect(timersOf(id)).toHaveLength(1);

          await tables.store.conclude(id, outcome({ provider_task_id: 'p-1' }));
          wait(VISIBILITY);
          await receive();
          expect(queue).toEqual([]);
        }),
        { numRuns: 40 },
      );
    });
  });

  test('of a chain that a faster clock named are followed by a newer one all the same', async () => {
    const { receive, start, timersOf, wait, now } = scene();
    const { id } = await created();
    const ahead = ulid((now() + 3600) * 1000);
    start(id, { chain: ahead });
    await receive({ readTasks: () => Promise.reject(new Error('killed')) }).catch(() => undefined);
    wait(VISIBILITY);

    await receive();

    const { chain = '' } = timersOf(id)[0]!;
    expect(chain > ahead).toBe(true);
    expect((await tables.store.get(id))?.timer_chain).toBe(chain);
  });

  describe('reading records', () => {
    test('what DynamoDB leaves unprocessed is asked for again; in the end it is a fault', async () => {
      const tasks = await Promise.all([created(), created()]);
      const pauses: number[] = [];
      const ids = tasks.map(({ id }) => id);
      const pause = async (ms: number) => void pauses.push(ms);
      /** A client that processes `most` keys a call. */
      const slow = (most: number) => ({
        send: async (command: { input: { RequestItems: Record<string, { Keys: unknown[] }> } }) => {
          const [[name, request]] = Object.entries(command.input.RequestItems) as [
            [string, { Keys: unknown[] }],
          ];
          const left = request.Keys.splice(most);
          const read = most > 0 ? await tables.client.send(command as never) : {};
          return { ...read, UnprocessedKeys: left.length > 0 ? { [name]: { ...request, Keys: left } } : {} };
        },
      });

      const read = await readTasks(slow(1) as never, tables.tasks.name, ids, pause);

      expect([...read.keys()].sort()).toEqual(ids.toSorted());
      expect(pauses).toEqual([100]);
      await expect(readTasks(slow(0) as never, tables.tasks.name, ids, pause)).rejects.toThrow('unprocessed');
    });

    test('only what a check needs is read', async () => {
      const { id } = await created();
      const read = await readTasks(tables.client, tables.tasks.name, [id], async () => undefined);
      const task: CheckedTask | undefined = read.get(id);
      expect(Object.keys(task!).sort()).toEqual([
        'created',
        'id',
        'owner',
        'progress',
        'provider',
        'provider_task_id',
        'status',
        'submission',
      ]);
    });
  });
});
