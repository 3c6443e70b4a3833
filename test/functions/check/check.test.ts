/** One check of a task that is not heard of: when it is asked about, how long it waits, and how it ends. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { check } from '../../../functions/check/check.ts';
import type { Provider, StatusRead } from '../../../shared/providers/provider.ts';
import { readReport } from '../../../shared/providers/registry.ts';
import type { OwnMessage } from '../../../shared/task/callback-message.ts';
import type { TaskRecord } from '../../../shared/task/record.ts';
import { scriptedProvider } from '../../support/provider.ts';
import { CREATED, outcome, type RecordChanges, taskRecord } from '../../support/records.ts';
import { hasDynamoServer, openTables, type TestTables } from '../../support/tasks-table.ts';
import { keptTelemetry } from '../../support/telemetry.ts';
import { watched } from '../../support/watched-store.ts';

const DAY = 86_400;
const unavailable: StatusRead = { kind: 'unavailable', why: 'status 500' };
const output = [{ content: [{ url: 'https://cdn.vtrix.ai/1.png' }] }];
const saying = (json: object): StatusRead => {
  const body = JSON.stringify({ id: 'p-1', ...json });
  return { kind: 'report', report: readReport('vtrix', body)!, body: Buffer.from(body) };
};
const vtrix = (...reads: (StatusRead | (() => Promise<StatusRead>))[]) => scriptedProvider({ reads });
const evolink = (...reads: StatusRead[]) => scriptedProvider({ reads });

describe.runIf(hasDynamoServer())('check', () => {
  let tables: TestTables;
  beforeAll(async () => {
    tables = await openTables();
  });
  afterAll(() => tables.close());

  async function created(changes: RecordChanges = {}): Promise<TaskRecord> {
    const record = taskRecord({ submission: 'accepted', provider_task_id: 'p-1', ...changes });
    await tables.store.putIntent(record);
    return record;
  }
  const read = (record: TaskRecord) => tables.store.get(record.id);

  /** One attempt, so many seconds after the task was created. */
  async function attempt(
    record: TaskRecord,
    provider: Provider | undefined,
    { nth = 1, age = 60, enqueuedBefore = 0 } = {},
  ) {
    const enqueued: OwnMessage[] = [];
    const telemetry = keptTelemetry();
    const table = watched(tables.store);
    const dependencies = {
      store: table.store,
      telemetry,
      now: () => (CREATED + age) * 1000,
      overdueSeconds: 900,
      provider: async () => provider,
      enqueue: async (message: OwnMessage) => void enqueued.push(message),
    };
    const timer = { attempt: nth, ...(enqueuedBefore > 0 && { enqueued: enqueuedBefore }) };
    const task = await tables.store.get(record.id);
    return { checked: await check(dependencies, task, timer), enqueued, table, telemetry };
  }

  describe('there is nothing to do', () => {
    test('for a task that we do not have', async () => {
      expect((await attempt(taskRecord(), vtrix())).checked.kind).toBe('done');
    });

    test.each(['completed', 'failed'] as const)(
      'for a task that has %s: it is never asked about again',
      async (status) => {
        const record = await created();
        await tables.store.conclude(record.id, outcome({ status, provider_task_id: 'p-1' }));
        const provider = vtrix();

        expect((await attempt(record, provider, { age: 2 * DAY })).checked.kind).toBe('done');
        expect(provider.reads).toEqual([]);
      },
    );
  });

  describe('an outcome', () => {
    test.each([
      saying({ status: 'completed', output }),
      saying({ status: 'failed', error: 'no' }),
      saying({ status: 'cancelled' }),
    ])('is enqueued as it came, and nothing is written here', async (said) => {
      const record = await created({ provider: 'vtrix' });
      const provider = vtrix(said);

      const { checked, enqueued, table } = await attempt(record, provider);

      expect(checked).toEqual({ kind: 'later', seconds: 900, enqueued: 1 });
      expect(enqueued).toEqual([
        {
          kind: 'read',
          taskId: record.id,
          providerTaskId: 'p-1',
          answer: said.kind === 'report' && said.body,
        },
      ]);
      expect(table.writes()).toEqual([]);
      expect(provider.reads).toEqual(['p-1']);
    });

    test('that cannot be enqueued is a fault: the queue tries again', async () => {
      const record = await created();
      const dependencies = {
        store: tables.store,
        telemetry: keptTelemetry(),
        now: () => (CREATED + 60) * 1000,
        overdueSeconds: 900,
        provider: async () => vtrix(saying({ status: 'completed', output })),
        enqueue: () => Promise.reject(new Error('the queue is gone')),
      };
      await expect(check(dependencies, record, { attempt: 1 })).rejects.toThrow('the queue is gone');
    });
  });

  /*
   * Regression: the timer was deleted when an outcome was enqueued; when that message was dropped or lost, the task
   * was pending for ever.
   *
   *   check: completed! ─► callbacks queue ─► dropped     … nobody asks again
   *
   * What these prove: the task is checked until its record has ended, whatever becomes of the message.
   */
  // Regression: a callback waited for a bucket that refused images, and its task failed for the provider's silence meanwhile.
  // Regression: the same for one whose image host failed for a day, which left no mark at all.
  describe.each([
    ['images the archive has refused', { archive_fault: CREATED + 30 }],
    ['outcome has come and could not be recorded', { reported_at: CREATED + 30 }],
  ])('a task whose %s', (_, changes) => {
    const refused = () => created(changes);

    test('is not given up for silence: its outcome is in the callbacks queue', async () => {
      const record = await refused();

      const { checked, table } = await attempt(record, evolink(unavailable), { nth: 9, age: DAY + 60 });

      expect(checked).toMatchObject({ kind: 'later' });
      expect(table.writes()).toEqual([]);
    });

    test('is given up when no dead letter can bring it back any more', async () => {
      const record = await refused();

      await attempt(record, evolink(unavailable), { nth: 99, age: 15 * DAY });

      expect(await read(record)).toMatchObject({ status: 'failed', error: { code: 'outcome_unrecorded' } });
    });
  });

  // Regression: a provider that said "completed" a moment before it said with what ended the task without its images.
  test.each([
    [599, 0],
    [600, 1],
  ])('a completion without results is believed from ten minutes on: at %i s', async (age, times) => {
    const { enqueued, checked } = await attempt(
      await created({ provider: 'vtrix' }),
      vtrix(saying({ status: 'completed' })),
      { age },
    );

    expect(enqueued).toHaveLength(times);
    expect(checked).toMatchObject({ kind: 'later' });
  });

  describe('an outcome that was enqueued and is not on the record', () => {
    const completed = saying({ status: 'completed', output });

    test.each([
      [1, 1800],
      [2, 3600],
      [7, 14_400],
    ])('is read and enqueued again, for the %ith time, and counted', async (enqueuedBefore, seconds) => {
      const record = await created({ provider: 'vtrix' });

      const { checked, enqueued, telemetry } = await attempt(record, vtrix(completed), { enqueuedBefore });

      expect(checked).toEqual({ kind: 'later', seconds, enqueued: enqueuedBefore + 1 });
      expect(enqueued).toHaveLength(1);
      expect(telemetry.counts).toEqual(['OutcomeNotRecordedYet', 'StatusRead:report']);
    });

    test('is waited for as patiently when the provider gives no answer', async () => {
      const record = await created({ provider: 'vtrix' });
      const { checked } = await attempt(record, vtrix(unavailable), { nth: 9, enqueuedBefore: 1 });
      expect(checked).toEqual({ kind: 'later', seconds: 900, enqueued: 1 });
    });

    test.each([DAY, 14 * DAY, 15 * DAY - 1])(
      'is no time-out after %i s, and the provider is asked no more',
      async (age) => {
        const record = await created({ provider: 'vtrix' });
        const provider = vtrix();

        const { checked, table } = await attempt(record, provider, { age, enqueuedBefore: 5 });

        expect(checked).toEqual({ kind: 'later', seconds: 14_400, enqueued: 5 });
        expect([provider.reads, table.writes()]).toEqual([[], []]);
      },
    );

    test('is given up when no dead letter can bring it back any more, and not as the provider’s silence', async () => {
      const record = await created({ provider: 'vtrix' });

      const { checked, telemetry } = await attempt(record, vtrix(), { age: 15 * DAY, enqueuedBefore: 5 });

      expect(checked).toEqual({ kind: 'done', why: 'outcome_unrecorded' });
      expect(telemetry.counts).toEqual(['TaskGivenUp:outcome_unrecorded']);
      expect(await read(record)).toMatchObject({ status: 'failed', error: { code: 'outcome_unrecorded' } });
    });
  });

  describe('a whole day', () => {
    /** Follows a task from its first check on. @returns the ages at which it was checked, and how often it was read */
    async function day(
      record: TaskRecord,
      provider: ReturnType<typeof scriptedProvider>,
      firstCheck: number,
    ) {
      const ages: number[] = [];
      for (let age = firstCheck, nth = 1; ; nth++) {
        ages.push(age);
        const { checked } = await attempt(record, provider, { nth, age });
        if (checked.kind === 'done') return { ages, reads: provider.reads.length };
        age += checked.seconds;
      }
    }

    // Regression: the last read came after 20 hours; what ended in the four hours after that was lost.
    test('of an overdue callback: few reads, the last ten minutes before the provider forgets', async () => {
      const { ages, reads } = await day(await created(), evolink(unavailable), 900);

      expect(ages.slice(0, 5)).toEqual([900, 1800, 3600, 7200, 14_400]);
      expect(ages.slice(-2)).toEqual([DAY - 600, DAY]);
      expect(reads).toBe(ages.length - 1);
      expect(reads).toBeLessThanOrEqual(10);
    });

    test('of a provider that never calls back: reads to the end, never more than two minutes apart', async () => {
      const { ages } = await day(await created({ provider: 'vtrix' }), vtrix(unavailable), 10);

      const pauses = ages.slice(1).map((age, index) => age - ages[index]!);
      expect(Math.max(...pauses)).toBe(120);
      expect(ages.at(-1)).toBe(DAY);
    });

    // Regression: a task whose provider's id nobody knows was checked 720 times, though there was nothing to ask.
    test('without the provider’s id: no read, and few checks', async () => {
      const record = await created({
        provider: 'vtrix',
        submission: 'unconfirmed',
        provider_task_id: undefined,
      });

      const { ages, reads } = await day(record, vtrix(), 10);

      expect(reads).toBe(0);
      expect(ages.length).toBeLessThanOrEqual(20);
    });
  });

  describe('the pauses', () => {
    const pausesOf = async (record: TaskRecord, provider: () => Provider | undefined) => {
      const pauses: number[] = [];
      for (let nth = 1; nth <= 9; nth++) {
        const { checked } = await attempt(record, provider(), { nth });
        pauses.push(checked.kind === 'later' ? checked.seconds : -1);
      }
      return pauses;
    };

    test('between reads grow to two minutes, where the provider never calls back', async () => {
      const record = await created({ provider: 'vtrix' });
      expect(await pausesOf(record, () => vtrix(saying({ status: 'in_progress' })))).toEqual([
        ...[10, 15, 20, 30, 60, 120, 120, 120, 120],
      ]);
    });

    // Regression: a create that took longer than the first wait was checked again only after 15 minutes.
    //   created ──10 s──► checked (no id yet) ──10 s──► read
    //      └─────create takes 12 s─────┘
    test('are as short while the create is still under way', async () => {
      const record = await created({
        provider: 'vtrix',
        submission: 'unconfirmed',
        provider_task_id: undefined,
      });
      const pauses = await pausesOf(record, () => vtrix());
      expect(pauses.slice(0, 3)).toEqual([10, 15, 20]);
    });

    test('between reads of an overdue callback are a few until the provider forgets the task', async () => {
      const record = await created();
      const pauses = await pausesOf(record, () => evolink(saying({ status: 'processing' })));

      expect(pauses).toEqual([900, 1800, 3600, 7200, 14_400, 14_400, 14_400, 14_400, 14_400]);
      expect(Math.max(...pauses)).toBeLessThanOrEqual(43_200);
    });

    test('end with the 24 hours', async () => {
      const record = await created();
      expect((await attempt(record, evolink(unavailable), { nth: 9, age: DAY - 100 })).checked).toEqual({
        kind: 'later',
        seconds: 100,
      });
      expect((await attempt(record, evolink(unavailable), { nth: 9, age: DAY - 1 })).checked).toMatchObject({
        seconds: 1,
      });
    });
  });

  describe('later', () => {
    test.each([
      ['the provider gave no answer', unavailable],
      ['the provider does not know the task', { kind: 'forgotten' } as const],
    ])('%s: never news about the task', async (_, said) => {
      const record = await created();
      const { checked, table, enqueued, telemetry } = await attempt(record, vtrix(said));

      expect(checked.kind).toBe('later');
      expect([table.writes(), enqueued]).toEqual([[], []]);
      expect(telemetry.counts).toEqual([`StatusRead:${said.kind}`]);
      expect(await read(record)).toEqual(record);
    });

    test('progress is noted', async () => {
      const record = await created();
      await attempt(record, vtrix(saying({ status: 'in_progress', progress: 0.4 })));
      expect(await read(record)).toMatchObject({ status: 'processing', progress: 40 });
    });

    test('no news is not written', async () => {
      const record = await created({ status: 'processing', progress: 40 });
      const { table } = await attempt(record, vtrix(saying({ status: 'in_progress', progress: 0.4 })));
      expect(table.writes()).toEqual([]);
    });

    test.each([
      [
        'the provider’s id is not known: a callback may still come',
        { submission: 'unconfirmed', provider_task_id: undefined } as const,
      ],
      [
        'the task was refused for now: somebody may try again',
        { submission: 'refused', provider_task_id: undefined } as const,
      ],
    ])('%s', async (_, changes) => {
      const record = await created(changes as RecordChanges);
      const provider = vtrix();

      expect((await attempt(record, provider)).checked.kind).toBe('later');
      expect(provider.reads).toEqual([]);
    });

    test('the operator has set no key for the provider', async () => {
      expect((await attempt(await created(), undefined)).checked.kind).toBe('later');
    });
  });

  describe('given up', () => {
    test.each([
      ['accepted', { submission: 'accepted' }, []],
      // Nobody can ask about it, and it may have been paid for: that is said aloud.
      ['unconfirmed', { submission: 'unconfirmed', provider_task_id: undefined }, ['UnnamedTaskGivenUp']],
    ] as const)(
      '%s, after 24 hours: provider_timeout, and not a second before',
      async (_, changes, aloud) => {
        const asked = { images: 4, amount: 400_000, currency: 'USD' };
        const record = await created({ asked, ...changes } as RecordChanges);

        expect((await attempt(record, vtrix(unavailable), { age: DAY - 1 })).checked.kind).toBe('later');
        const { checked, telemetry } = await attempt(record, vtrix(unavailable), { age: DAY });

        expect(checked).toEqual({ kind: 'done', why: 'provider_timeout' });
        expect(telemetry.counts).toEqual(['TaskGivenUp:provider_timeout', ...aloud]);
        expect(await read(record)).toMatchObject({
          status: 'failed',
          completed: CREATED + DAY,
          error: { code: 'provider_timeout' },
          // It may have been made, and was charged in advance.
          charge: { ...asked, source: 'reserved' },
        });
      },
    );

    test('refused for now, once overdue: provider_busy, and not a second before', async () => {
      const record = await created({ submission: 'refused', provider_task_id: undefined } as never);

      expect((await attempt(record, vtrix(), { age: 899 })).checked.kind).toBe('later');
      expect((await attempt(record, vtrix(), { age: 900 })).checked).toEqual({
        kind: 'done',
        why: 'provider_busy',
      });

      expect(await read(record)).toMatchObject({
        status: 'failed',
        error: { code: 'provider_busy' },
        charge: { images: 0, amount: 0, source: 'none' },
      });
    });

    test('not, when the task moved on at that very moment: the next attempt sees it as it is then', async () => {
      const record = await created({ submission: 'refused', provider_task_id: undefined } as never);
      const dependencies = {
        store: tables.store,
        telemetry: keptTelemetry(),
        now: () => (CREATED + 900) * 1000,
        overdueSeconds: 900,
        provider: async () => vtrix(),
        enqueue: async () => undefined,
      };

      const before = await read(record);
      await tables.store.reopen(record.id, 'another attempt');
      expect(await check(dependencies, before, { attempt: 1 })).toMatchObject({ kind: 'later' });
      expect(await read(record)).toMatchObject({ status: 'pending', submission: 'unconfirmed' });
      expect(dependencies.telemetry.counts).toEqual([]);
    });
  });
});
