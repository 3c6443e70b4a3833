/** The life of a webhook in virtual time, on a real table: retries, the end after a day, crashes, doubles, redeliveries. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { deliver } from '../../../functions/deliver/deliver.ts';
import { redeliver } from '../../../functions/webhooks/redeliver.ts';
import { publicTask } from '../../../shared/task/public-task.ts';
import { randomFrom } from '../../support/random.ts';
import { taskRecord } from '../../support/records.ts';
import { hasDynamoServer, openTables, type TestTables } from '../../support/tasks-table.ts';
import { Delivering, delivered, ENDED, failing, URL } from './delivering.ts';

describe.runIf(hasDynamoServer())('a webhook', () => {
  let tables: TestTables;
  let delivering: Delivering;
  beforeAll(async () => {
    tables = await openTables();
  });
  beforeEach(() => {
    delivering = new Delivering(tables.store);
  });
  afterAll(() => tables.close());

  const record = async (id: string) => (await tables.store.get(id))!;
  const shown = async (id: string) => publicTask(await record(id), () => 'link').callback;
  const redelivered = async (id: string) =>
    redeliver(
      {
        store: delivering.store,
        send: async (message, delay) => delivering.put(message, delay),
        now: () => delivering.ms,
      },
      await record(id),
    );

  test('is delivered once, with the body of the task query, and the record says so', async () => {
    const id = await delivering.ended();
    const before = await record(id);
    delivering.put({ task: id });

    await delivering.run();

    expect(delivering.sent).toEqual([
      {
        url: URL,
        id: `${id}:completed`,
        body: JSON.stringify(publicTask(before, delivering.dependencies().linkTo)),
        secrets: ['whsec_acme-key-1'],
        at: 0,
      },
    ]);
    expect(JSON.parse(delivering.sent[0]!.body)).toMatchObject({
      id,
      status: 'completed',
      callback: { status: 'pending' },
    });
    expect(await shown(id)).toEqual({
      url: URL,
      status: 'delivered',
      attempts: 1,
      last_status: 200,
      last_error: null,
      last_attempt: ENDED,
      next_attempt: null,
    });
    expect(delivering.deliveries).toMatchObject([
      { task_id: id, attempt: 1, webhook_id: `${id}:completed`, status: 200, duration_ms: 5, answer: 'ok' },
    ]);
  });

  test('three failures, then success: attempts after 1, 2 and 4 s, with one webhook-id', async () => {
    const id = await delivering.ended();
    delivering.answer = (count) => (count < 3 ? failing : delivered);
    delivering.put({ task: id });

    await delivering.run();

    const pauses = delivering.sent.map(({ at }, nth) => Math.round(at - (delivering.sent[nth - 1]?.at ?? 0)));
    expect(pauses).toEqual([0, 1, 2, 4]);
    expect(new Set(delivering.sent.map((sent) => sent.id))).toEqual(new Set([`${id}:completed`]));
    expect(await shown(id)).toMatchObject({
      status: 'delivered',
      attempts: 4,
      last_status: 200,
      last_error: null,
    });
    expect(delivering.deliveries.map(({ attempt, status }) => [attempt, status])).toEqual([
      [1, 500],
      [2, 500],
      [3, 500],
      [4, 200],
    ]);
  });

  test('between attempts the record says what happened and what comes', async () => {
    const id = await delivering.ended();
    delivering.answer = () => failing;
    delivering.put({ task: id });

    await delivering.step();

    expect(await shown(id)).toEqual({
      url: URL,
      status: 'pending',
      attempts: 1,
      last_status: 500,
      last_error: 'unexpected_status',
      last_attempt: ENDED,
      next_attempt: ENDED + 2,
    });
  });

  test('a dead receiver is given up 24 hours after the outcome; its task stays completed', async () => {
    const id = await delivering.ended();
    delivering.answer = () => ({ verdict: 'retry', error: 'connection_refused', durationMs: 3 });
    delivering.put({ task: id });

    await delivering.run();

    const { at } = delivering.sent.at(-1)!;
    expect(at).toBeGreaterThanOrEqual(86_400);
    expect(at).toBeLessThan(86_410);
    expect(delivering.sent.length).toBeGreaterThan(25);
    expect(delivering.sent.length).toBeLessThan(40);
    expect(await record(id)).toMatchObject({ status: 'completed', completed: ENDED });
    expect(await shown(id)).toMatchObject({
      status: 'failed',
      attempts: delivering.sent.length,
      last_status: null,
      last_error: 'connection_refused',
      next_attempt: null,
    });
    expect(delivering.queued).toEqual([]);
  });

  test.each(['gone', 'disabled'] as const)(
    'a receiver that wants no more (%s) gets no more',
    async (error) => {
      const id = await delivering.ended();
      delivering.answer = () => ({ verdict: 'end', status: 410, error, durationMs: 3, answer: '' });
      delivering.put({ task: id });

      await delivering.run();

      expect(delivering.sent).toHaveLength(1);
      expect(await shown(id)).toMatchObject({
        status: 'failed',
        attempts: 1,
        last_status: 410,
        last_error: error,
      });
    },
  );

  test('a receiver that asks for time is given it', async () => {
    const id = await delivering.ended();
    delivering.answer = (count) => (count === 0 ? { ...failing, retryAfterSeconds: 2000 } : delivered);
    delivering.put({ task: id });

    await delivering.run();

    expect(delivering.sent.map(({ at }) => Math.round(at))).toEqual([0, 2000]);
  });

  test('a failed task has a webhook too', async () => {
    const open = taskRecord({ callback_url: URL, submission: 'accepted' });
    await tables.store.putIntent(open);
    await tables.store.giveUp(open.id, 'accepted', {
      error: { code: 'generation_timeout', message: 'too late', type: 'task_error' },
      completed: ENDED,
    });
    delivering.put({ task: open.id });

    await delivering.run();

    expect(delivering.sent).toMatchObject([{ id: `${open.id}:failed` }]);
    expect(JSON.parse(delivering.sent[0]!.body)).toMatchObject({
      status: 'failed',
      error: { code: 'generation_timeout' },
    });
  });

  describe('is dropped', () => {
    test('when there is no task, no callback_url, or no outcome', async () => {
      const without = await delivering.ended({});
      const open = taskRecord({ callback_url: URL });
      await tables.store.putIntent(open);
      for (const task of ['task_unknown', without, open.id]) delivering.put({ task });

      await delivering.run();

      expect(delivering.results).toEqual(['unknown_task', 'no_webhook', 'open_task']);
      expect(delivering.sent).toEqual([]);
    });

    test('when it was delivered: the event comes again', async () => {
      const id = await delivering.ended();
      delivering.put({ task: id });
      await delivering.run();
      delivering.put({ task: id });

      await delivering.run();

      expect(delivering.results).toEqual(['delivered', 'done']);
      expect(delivering.sent).toHaveLength(1);
    });
  });

  describe('redelivered', () => {
    test('after it was given up: with the same id, counted on, for another day', async () => {
      const id = await delivering.ended();
      delivering.answer = () => ({ verdict: 'end', status: 410, error: 'gone', durationMs: 3, answer: '' });
      delivering.put({ task: id });
      await delivering.run();
      delivering.ms += 3 * 86_400_000;
      delivering.answer = (count) => (count < 3 ? failing : delivered);

      const redelivery = await redelivered(id);
      const queued = await shown(id);
      await delivering.run();

      expect(redelivery.kind).toBe('queued');
      expect(queued).toMatchObject({
        status: 'pending',
        attempts: 1,
        next_attempt: Math.floor(ENDED + 3 * 86_400),
      });
      expect(delivering.sent.map((sent) => sent.id)).toEqual(
        Array.from({ length: 4 }, () => `${id}:completed`),
      );
      expect(await shown(id)).toMatchObject({ status: 'delivered', attempts: 4 });
    });

    test('while a run is under way: the new one takes its place', async () => {
      const id = await delivering.ended();
      delivering.answer = () => failing;
      delivering.put({ task: id });
      await delivering.step();

      await redelivered(id);
      delivering.answer = () => delivered;
      await delivering.run();

      expect(delivering.results).toEqual(['retrying', 'delivered', 'superseded']);
      expect(await shown(id)).toMatchObject({ status: 'delivered', attempts: 2 });
    });

    test('twice at once: one run counts', async () => {
      const id = await delivering.ended();
      const task = await record(id);
      const dependencies = {
        store: delivering.store,
        send: async (message: Parameters<typeof delivering.put>[0]) => delivering.put(message),
        now: () => delivering.ms,
      };
      await Promise.all([redeliver(dependencies, task), redeliver(dependencies, task)]);

      await delivering.run();

      expect(delivering.sent.length).toBeLessThanOrEqual(2);
      expect(await shown(id)).toMatchObject({ status: 'delivered' });
      expect(delivering.queued).toEqual([]);
    });

    test.each([delivered, failing])(
      'when it is shown only while its attempt is under way: $verdict',
      async (answer) => {
        const id = await delivering.ended();
        delivering.answer = () => ({ verdict: 'end', status: 410, error: 'gone', durationMs: 3, answer: '' });
        delivering.put({ task: id });
        await delivering.run();
        let shows = async (): Promise<unknown> => undefined;
        const store = {
          ...delivering.store,
          noteWebhook: (...write: Parameters<typeof delivering.store.noteWebhook>) => {
            shows = () => delivering.store.noteWebhook(...write);
            return Promise.resolve({ kind: 'written' as const });
          },
        };
        const send = async (message: Parameters<typeof delivering.put>[0]) => delivering.put(message);
        await redeliver({ store, send, now: () => delivering.ms }, await record(id));
        delivering.answer = () => answer;
        delivering.meanwhile = () => shows();

        await delivering.step();
        const shownThen = await shown(id);
        await delivering.step();

        expect(shownThen).toMatchObject({
          status: answer === delivered ? 'delivered' : 'pending',
          attempts: 2,
          last_status: answer.status,
        });
        expect(delivering.sent).toHaveLength(answer === delivered ? 2 : 3);
      },
    );

    test('when the write that shows it is lost, it is sent all the same', async () => {
      const id = await delivering.ended();
      delivering.put({ task: id });
      await delivering.run();
      const lost = async () => {
        throw new Error('the table is away');
      };
      const send = async (message: Parameters<typeof delivering.put>[0]) => delivering.put(message);
      const store = { ...delivering.store, noteWebhook: lost };

      await expect(redeliver({ store, send, now: () => delivering.ms }, await record(id))).rejects.toThrow(
        'away',
      );
      await delivering.run();

      expect(delivering.sent).toHaveLength(2);
      expect(await shown(id)).toMatchObject({ status: 'delivered', attempts: 2 });
    });

    test('not before the end, and not without a callback_url', async () => {
      const without = await record(await delivering.ended({}));
      const ended = await record(await delivering.ended());
      const refused = { store: delivering.store, send: async () => undefined, now: () => delivering.ms };

      expect(await redeliver(refused, without)).toEqual({ kind: 'no_webhook' });
      expect(await redeliver(refused, { ...ended, status: 'processing' })).toEqual({ kind: 'open' });
    });
  });

  describe('crashes and doubles', () => {
    test.each(['after post', 'after send', 'before write', 'after write'])(
      'a crash %s: the webhook is delivered all the same, and one chain goes on',
      async (where) => {
        const id = await delivering.ended();
        let crashes = 0;
        delivering.crash = (at) => {
          if (at === where && crashes++ === 0) throw new Error(`crash ${where}`);
        };
        delivering.answer = (count) => (count < 3 ? failing : delivered);
        delivering.put({ task: id });

        await delivering.run();

        expect(crashes).toBeGreaterThan(0);
        expect(await shown(id)).toMatchObject({ status: 'delivered' });
        expect(delivering.sent.length).toBeLessThanOrEqual(5);
        expect(delivering.queued).toEqual([]);
      },
    );

    test('the event twice: the doubles end at the next attempt', async () => {
      const id = await delivering.ended();
      delivering.answer = () => failing;
      delivering.put({ task: id });
      delivering.put({ task: id });

      await delivering.run();

      expect(delivering.results.slice(0, 2)).toEqual(['retrying', 'superseded']);
      expect(new Set(delivering.deliveries.map(({ attempt }) => attempt)).size).toBe(delivering.sent.length);
    });

    test('the event twice at the same moment: both are sent, and one of the two chains goes on', async () => {
      const id = await delivering.ended();
      const bothSent = Promise.withResolvers<void>();
      delivering.answer = (count) => {
        if (count === 1) bothSent.resolve();
        return failing;
      };
      // Neither is written before the other has read the record.
      delivering.meanwhile = () => bothSent.promise;
      delivering.put({ task: id });
      delivering.put({ task: id });

      await delivering.stepAtOnce();
      const [first, second] = [delivering.sent.length, delivering.queued.length];
      await delivering.stepAtOnce();

      expect([first, second]).toEqual([2, 2]);
      expect(delivering.results.slice(2).sort()).toEqual(['retrying', 'superseded']);
      expect(delivering.sent).toHaveLength(3);
      expect(delivering.queued).toHaveLength(1);
    });

    const seed = Number(process.env.SEED ?? Date.now() % 1_000_000);
    test.each(Array.from({ length: 10 }, (_, nth) => seed + nth))(
      'random crashes and doubles: delivered, and the chain does not multiply (seed %i)',
      async (start) => {
        const random = randomFrom(start);
        const id = await delivering.ended();
        delivering.crash = () => {
          if (random() < 0.15) throw new Error('crash');
        };
        const failures = 4 + Math.floor(random() * 6);
        delivering.answer = (count) => (count < failures ? failing : delivered);
        delivering.put({ task: id });

        for (let steps = 0; steps < 400 && delivering.queued.length > 0; steps++) {
          if (random() < 0.2) delivering.put(delivering.queued[0]!);
          await delivering.step();
        }

        expect(await shown(id)).toMatchObject({ status: 'delivered' });
        expect(delivering.queued).toEqual([]);
        expect(delivering.sent.length).toBeLessThan(3 * failures + 10);
      },
    );
  });

  test('what it is about is logged, the URL and the secret are not', async () => {
    const id = await delivering.ended();
    delivering.put({ task: id });

    await delivering.run();

    const lines = delivering.telemetry.lines.join('\n');
    expect(lines).toContain(id);
    expect(lines).toContain('hooks.example.com');
    for (const secret of ['of-the-caller', 'whsec_', 'a red fox']) expect(lines).not.toContain(secret);
    expect(delivering.telemetry.counts).toEqual(['WebhookAttempt:delivered']);
  });

  test('an attempt that cannot be listed is not made again', async () => {
    const id = await delivering.ended();
    const dependencies = {
      ...delivering.dependencies(),
      putDelivery: async () => {
        throw new Error('the table is away');
      },
    };
    expect(await deliver(dependencies, { task: id, run: '', step: 1 })).toBe('delivered');
    expect(delivering.telemetry.counts).toContain('DeliveryUnlisted');
    expect(await shown(id)).toMatchObject({ status: 'delivered' });
  });
});
