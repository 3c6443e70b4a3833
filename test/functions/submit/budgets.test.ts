/** Limits of a key and budgets of an owner at the submit: told with what is left, nothing recorded, nothing sent. */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type SubmitDependencies, submit } from '../../../functions/submit/submit.ts';
import type { Created } from '../../../shared/providers/provider.ts';
import type { Caller } from '../../../shared/security/api-keys.ts';
import type { OwnMessage } from '../../../shared/task/callback-message.ts';
import { taskIdForKey } from '../../../shared/task/ids.ts';
import { taskStore } from '../../../shared/task/store.ts';
import type { Budget } from '../../../shared/usage/rows.ts';
import { usageStore } from '../../../shared/usage/usage-table.ts';
import { acceptedAs, type ScriptedProvider, scriptedProvider } from '../../support/provider.ts';
import { accepted, edit, textToImage } from '../../support/requests.ts';
import { hasDynamoServer, openTables, type TestTables } from '../../support/tasks-table.ts';
import { monthOf, runningOf, setBudget } from '../../support/usage.ts';
import { watched } from '../../support/watched-store.ts';
import { START, submitting } from './submitting.ts';

/** START is in it. */
const DAY = '2026-01-02';
const prices = { 'wan2.5-text-to-image': { amount: 0.02, currency: 'USD' } };

describe.runIf(hasDynamoServer())('a submit', () => {
  let tables: TestTables;
  let owners = 0;
  beforeAll(async () => {
    tables = await openTables();
  });
  afterAll(() => tables.close());

  async function callerWith(limits?: Caller['limits'], budget?: Budget): Promise<Caller> {
    const owner = `owner-${owners++}`;
    if (budget) await setBudget(tables, owner, budget);
    return { owner, keyId: 'key-1', ...(limits && { limits }), ...(budget && { budgeted: true }) };
  }

  function submitterOf(caller: Caller, provider: ScriptedProvider, own: Partial<SubmitDependencies> = {}) {
    const { dependencies, clock } = submitting(tables, provider, { prices, ...own });
    const run = (body: unknown = textToImage(), idempotencyKey?: string) =>
      submit(dependencies, { caller, request: accepted(body), idempotencyKey });
    return { run, clock };
  }

  const left = async ({ owner }: Caller, idempotencyKey: string) =>
    tables.store.get(taskIdForKey('root-secret', owner, idempotencyKey));

  describe('over', () => {
    const day = { retryAfterSeconds: 75_355 };
    const month = { retryAfterSeconds: 2_580_955 };
    test.each<[string, Budget, object, string]>([
      [
        'the images of a day',
        { images_per_day: 5 },
        day,
        'The budget of 5 images a day has 1 image left, and the request may take 2 images: it renews at 2026-01-03T00:00:00Z',
      ],
      [
        'the images of a month, also when the day is over too',
        { images_per_day: 5, images_per_month: 4 },
        month,
        'The budget of 4 images a month has 0 images left, and the request may take 2 images: it renews at 2026-02-01T00:00:00Z',
      ],
      [
        'the money of a day',
        { amount_per_day: 100_000, currency: 'USD' },
        day,
        'The budget of 0.1 USD a day has 0.02 USD left, and the request may take 0.04 USD: it renews at 2026-01-03T00:00:00Z',
      ],
    ])('%s is 402, with what is left and when it renews', async (_, budget, renewal, message) => {
      const caller = await callerWith({}, budget);
      const provider = scriptedProvider();
      const { run } = submitterOf(caller, provider);
      await run(textToImage({ n: 4 }));

      const over = await run(textToImage({ n: 2 }), 'over');

      const error = { code: 'quota_exceeded', type: 'insufficient_quota', message };
      expect(over).toEqual({ kind: 'denied', status: 402, error, ...renewal });
      expect(await left(caller, 'over')).toBeUndefined();
      expect(provider.creates).toHaveLength(1);
      expect(await monthOf(tables, caller.owner, DAY)).toMatchObject({ images: 4, d02_images: 4 });
    });

    test('the whole budget is told so, and never to come back', async () => {
      const { run } = submitterOf(await callerWith({}, { images_per_day: 3 }), scriptedProvider());

      expect(await run(textToImage({ n: 4 }))).toMatchObject({
        status: 402,
        retryAfterSeconds: undefined,
        error: {
          message: expect.stringContaining(
            'has 3 images left, and the request may take 4 images: ask for less',
          ),
        },
      });
    });

    test('a budget in money without a price in it is refused for the operator to mend', async () => {
      const caller = await callerWith({}, { amount_per_month: 1, currency: 'EUR' });
      const provider = scriptedProvider();
      const { run } = submitterOf(caller, provider);

      for (const body of [textToImage(), edit()]) {
        expect(await run(body)).toMatchObject({
          status: 402,
          error: { code: 'quota_exceeded', message: expect.stringMatching(/no price in EUR for wan2/) },
        });
      }
      expect(provider.creates).toEqual([]);
    });

    test('the images at once is 429 until some are done', async () => {
      const caller = await callerWith({ images_at_once: 3 });
      const { run } = submitterOf(caller, scriptedProvider());
      await run(textToImage({ n: 2 }));

      expect(await run(textToImage({ n: 2 }), 'over')).toEqual({
        kind: 'denied',
        status: 429,
        retryAfterSeconds: 10,
        error: {
          code: 'rate_limit_exceeded',
          type: 'rate_limit_error',
          message:
            'The key may have 3 images in work at once, 2 are, and the request asks for 2: send it again when some are done',
        },
      });
      expect(await left(caller, 'over')).toBeUndefined();
      expect(await runningOf(tables, caller.owner, 'key-1')).toBe(2);
      expect(await run(textToImage({ n: 4 }))).toMatchObject({
        status: 400,
        error: { code: 'invalid_parameters' },
      });
    });

    test('the requests of a minute is 429 until the next; a replay is not counted', async () => {
      const caller = await callerWith({ requests_per_minute: 2 });
      const { run, clock } = submitterOf(caller, scriptedProvider(), {
        deadline: Number.POSITIVE_INFINITY,
      });
      clock.now = START - (START % 60_000) + 45_000;
      await run(textToImage(), 'first');
      await run(textToImage(), 'first');
      await run();

      expect(await run(textToImage(), 'over')).toMatchObject({
        status: 429,
        retryAfterSeconds: 15,
        error: {
          code: 'rate_limit_exceeded',
          message: 'The key may send 2 requests a minute: send it again in the next one',
        },
      });
      expect(await left(caller, 'over')).toBeUndefined();
      expect(await run(textToImage(), 'first')).toMatchObject({ kind: 'task', replayed: true });
      clock.now += 15_000;
      expect(await run(textToImage(), 'over')).toMatchObject({ kind: 'task', replayed: false });
    });
  });

  test('for a model that the key may not ask for is 403', async () => {
    const provider = scriptedProvider();
    const { run } = submitterOf(await callerWith({ models: ['wan26_i2i', 'wan25_t2i_preview'] }), provider);

    expect(await run()).toMatchObject({
      status: 403,
      error: {
        code: 'model_not_allowed',
        message: 'The key may not ask for wan2.5-text-to-image; it may ask for wan26_i2i, wan25_t2i_preview',
        param: 'model',
      },
    });
    expect(await run(edit())).toMatchObject({ kind: 'task' });
    expect(provider.creates).toHaveLength(1);
  });

  describe('within a budget', () => {
    const budget = { images_per_day: 4, amount_per_month: 80_000, currency: 'USD' };

    test('reserves until the provider has refused it', async () => {
      const caller = await callerWith({ images_at_once: 4 }, budget);
      const error = { code: 'invalid_request', message: 'No.', type: 'invalid_request_error' };
      const counts: object[] = [];
      const refused = async (): Promise<Created> => {
        counts.push(await monthOf(tables, caller.owner, DAY));
        return { kind: 'refused', status: 400, error };
      };
      const { run } = submitterOf(caller, scriptedProvider({ creates: [refused] }));

      await run(textToImage({ n: 4 }), 'k');
      await run(textToImage({ n: 4 }), 'l');

      const all = { images: 4, d02_images: 4, amount_USD: 80_000, d02_amount_USD: 80_000 };
      expect(counts).toEqual([all, all]);
      expect(await runningOf(tables, caller.owner, 'key-1')).toBe(0);
      expect(await left(caller, 'k')).toMatchObject({
        status: 'failed',
        charge: { images: 0, amount: 0, currency: 'USD', source: 'none', budget_day: DAY },
      });
    });

    test('releases what a busy provider did not take, and reserves again with the same key', async () => {
      const caller = await callerWith({}, budget);
      const busy: Created = { kind: 'busy', why: 'status 429', retryAfterSeconds: 60 };
      const provider = scriptedProvider({ creates: [busy, acceptedAs('p-1')] });
      const { run } = submitterOf(caller, provider);

      expect(await run(textToImage({ n: 4 }), 'k')).toMatchObject({ kind: 'busy' });
      expect(await monthOf(tables, caller.owner, DAY)).toMatchObject({ images: 0 });

      expect(await run(textToImage({ n: 4 }), 'k')).toMatchObject({ kind: 'task', replayed: false });
      expect(await monthOf(tables, caller.owner, DAY)).toMatchObject({ images: 4 });
      expect(await run(textToImage(), 'l')).toMatchObject({ status: 402 });
    });

    /** Certainly nothing was created; but the record says nothing of it, and would be charged after 24 hours. */
    test.each(['before', 'after'] as const)(
      'releases what was refused although the table fails at that moment (%s the write): by a message',
      async (when) => {
        const caller = await callerWith({}, budget);
        const busy: Created = { kind: 'busy', why: 'status 429', retryAfterSeconds: 60 };
        const table = watched(tables.store);
        table.failOnce('refuse', when);
        const enqueued: OwnMessage[] = [];
        const { run } = submitterOf(caller, scriptedProvider({ creates: [busy] }), {
          store: table.store,
          enqueue: async (message) => void enqueued.push(message),
        });

        expect(await run(textToImage({ n: 4 }), 'k')).toMatchObject({ kind: 'busy' });
        const { id, attempt } = (await left(caller, 'k'))!;

        expect(enqueued).toEqual([{ kind: 'refusal', taskId: id, attempt, final: undefined }]);
      },
    );

    test('of 200 at once exactly as many are created as it has images', async () => {
      const caller = await callerWith({}, { images_per_day: 50 });
      const provider = scriptedProvider();
      const { run } = submitterOf(caller, provider);

      const all = await Promise.all(Array.from({ length: 200 }, () => run()));

      expect(provider.creates).toHaveLength(50);
      expect(all.filter(({ kind }) => kind === 'task')).toHaveLength(50);
      expect(all.filter((end) => end.kind === 'denied' && end.status === 402)).toHaveLength(150);
      expect(await monthOf(tables, caller.owner, DAY)).toMatchObject({ images: 50, d02_images: 50 });
    });
  });

  describe('asks DynamoDB', () => {
    /** The operations of one submit with its acceptance. */
    async function operationsFor(limits?: Caller['limits'], budget?: Budget): Promise<string[]> {
      const operations: string[] = [];
      const client = Object.create(tables.client, {
        send: {
          value: (command: never) => {
            operations.push((command as object).constructor.name.replace('Command', ''));
            return tables.client.send(command);
          },
        },
      }) as DynamoDBClient;
      const caller = await callerWith(limits, budget);
      const { run } = submitterOf(caller, scriptedProvider(), {
        store: taskStore(client, tables.tasks.name, { name: tables.usage }),
        usage: usageStore(client, tables.usage),
      });
      await run();
      return operations;
    }

    test.each<[string, Caller['limits'], Budget | undefined, string[]]>([
      ['nothing more where nothing is set', undefined, undefined, ['PutItem', 'UpdateItem']],
      [
        'nothing more for a list of models',
        { models: ['wan2.5-text-to-image'] },
        undefined,
        ['PutItem', 'UpdateItem'],
      ],
      [
        'one write more for a minute',
        { requests_per_minute: 9 },
        undefined,
        ['UpdateItem', 'PutItem', 'UpdateItem'],
      ],
      [
        'in a transaction for images at once',
        { images_at_once: 9 },
        undefined,
        ['TransactWriteItems', 'UpdateItem'],
      ],
      [
        'one read more for a budget',
        undefined,
        { images_per_day: 9 },
        ['GetItem', 'TransactWriteItems', 'UpdateItem'],
      ],
    ])('%s', async (_, limits, budget, operations) => {
      expect(await operationsFor(limits, budget)).toEqual(operations);
    });
  });

  describe('whose records are kept for a day', () => {
    const DAY_SECONDS = 86_400;
    const kept = (caller: Caller, provider = scriptedProvider()) =>
      submitterOf(caller, provider, { retentionDays: 1 }).run(textToImage(), 'short-lived');
    const keptFor = async (caller: Caller) => {
      const { created, expires_at } = (await left(caller, 'short-lived'))!;
      return (expires_at - created) / DAY_SECONDS;
    };

    test('keeps what holds a reservation until it is certain to have ended: counters would hold it for ever', async () => {
      const budgeted = await callerWith({}, { images_per_day: 5 });
      const limited = await callerWith({ images_at_once: 5 });
      const free = await callerWith();
      for (const caller of [budgeted, limited, free]) await kept(caller);

      expect(await keptFor(budgeted)).toBe(16);
      expect(await keptFor(limited)).toBe(16);
      expect(await keptFor(free)).toBe(1);
    });

    test('keeps it too when it holds one only since it was sent again', async () => {
      const caller = await callerWith();
      const busy: Created = { kind: 'busy', why: 'status 429', retryAfterSeconds: 60 };
      const busyOnce = scriptedProvider({ creates: [busy, acceptedAs('p-1')] });
      const limited = { ...caller, limits: { images_at_once: 5 } };
      await kept(caller, busyOnce);
      expect(await left(caller, 'short-lived')).toMatchObject({ submission: 'refused' });

      await kept(limited, busyOnce);

      expect(await keptFor(caller)).toBe(16);
    });
  });
});
