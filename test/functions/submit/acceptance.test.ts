/** A task that the provider has taken is never lost for want of a write: its acceptance travels another way. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Submitted } from '../../../functions/submit/submit.ts';
import { within } from '../../../shared/runtime/within.ts';
import { acceptedAs, scriptedProvider } from '../../support/provider.ts';
import { preview, textToImage } from '../../support/requests.ts';
import { hasDynamoServer, openTables, type TestTables } from '../../support/tasks-table.ts';
import { submitting } from './submitting.ts';

const acceptance = { provider_task_id: 'provider-1', estimated_time: undefined, reserved: undefined };
const outcome = Buffer.from('{"id":"provider-1","status":"failed"}');

describe.runIf(hasDynamoServer())('an acceptance', () => {
  let tables: TestTables;
  beforeAll(async () => {
    tables = await openTables();
  });
  afterAll(() => tables.close());
  const idOf = (submitted: Submitted) => (submitted.kind === 'task' ? submitted.record.id : submitted.kind);

  describe('by a provider that calls back', () => {
    test('is written and nothing more: its callback names the task too', async () => {
      const { run, enqueued, telemetry } = submitting(tables, scriptedProvider());

      const id = idOf(await run(textToImage()));

      expect(await tables.store.get(id)).toMatchObject({ provider_task_id: 'provider-1' });
      expect(enqueued).toEqual([]);
      expect(telemetry.lines.join()).toContain('"providerTaskId":"provider-1"');
    });

    test.each(['before', 'after'] as const)(
      'that cannot be written (%s) is put into the callbacks queue',
      async (when) => {
        const { run, table, enqueued } = submitting(tables, scriptedProvider());
        table.failOnce('accept', when);

        const id = idOf(await run(textToImage()));

        expect(enqueued).toEqual([{ kind: 'acceptance', taskId: id, acceptance }]);
      },
    );

    test('that is not written in time is put there too, before the function is stopped', async () => {
      const { run, dependencies, enqueued } = submitting(tables, scriptedProvider());
      Object.assign(dependencies.store, { accept: () => new Promise(() => undefined) });

      const submitted = await within(20_000, run(textToImage()));

      expect(submitted).toMatchObject({ kind: 'task', record: { submission: 'accepted' } });
      expect(enqueued).toEqual([{ kind: 'acceptance', taskId: idOf(submitted), acceptance }]);
    });
  });

  describe('by a provider that never calls back', () => {
    test('is put into the queue before it is written: a function that dies in between loses nothing', async () => {
      const { run, table, enqueued } = submitting(tables, scriptedProvider(), {
        enqueue: async (message) => {
          expect(table.writes()).toEqual(['putIntent']);
          enqueued.push(message);
        },
      });

      const id = idOf(await run(preview()));

      expect(enqueued).toEqual([{ kind: 'acceptance', taskId: id, acceptance }]);
      expect(table.writes()).toEqual(['putIntent', 'accept']);
    });

    test('that cannot be written is not put there twice', async () => {
      const { run, table, enqueued } = submitting(tables, scriptedProvider());
      table.failOnce('accept', 'before');

      await run(preview());

      expect(enqueued).toHaveLength(1);
    });

    test('that the queue does not take is written all the same', async () => {
      const { run, telemetry } = submitting(tables, scriptedProvider(), {
        enqueue: () => Promise.reject(new Error('the queue is gone')),
      });

      const id = idOf(await run(preview()));

      expect(await tables.store.get(id)).toMatchObject({ provider_task_id: 'provider-1' });
      expect(telemetry.counts).not.toContain('AcceptanceLost');
    });

    test('that can go nowhere is said aloud with the provider’s id, and the caller gets the task', async () => {
      const { run, table, telemetry } = submitting(tables, scriptedProvider(), {
        enqueue: () => Promise.reject(new Error('the queue is gone')),
      });
      table.failOnce('accept', 'before');

      const submitted = await run(preview());

      expect(submitted).toMatchObject({ kind: 'task', record: { submission: 'accepted' } });
      expect(telemetry.counts).toContain('AcceptanceLost');
      expect(telemetry.lines.at(-1)).toContain('"providerTaskId":"provider-1"');
    });
  });

  describe('whose answer reports the end already', () => {
    const done = scriptedProvider({ creates: [{ ...acceptedAs('provider-1'), outcome } as never] });

    test.each([
      ['calls back', textToImage(), 1],
      ['never calls back', preview(), 2],
    ])('by a provider that %s: the end goes the way of a status read', async (_, request, messages) => {
      const { run, enqueued, telemetry } = submitting(tables, done);

      const submitted = await run(request);

      const read = { kind: 'read', taskId: idOf(submitted), providerTaskId: 'provider-1', answer: outcome };
      expect(enqueued).toHaveLength(messages);
      expect(enqueued.at(-1)).toEqual(read);
      expect(submitted).toMatchObject({ kind: 'task', record: { status: 'pending' } });
      expect(telemetry.lines.join()).not.toContain('outcome":{');
    });

    test('and that the queue does not take: the timers read it', async () => {
      const { run } = submitting(tables, done, {
        enqueue: () => Promise.reject(new Error('the queue is gone')),
      });
      expect(await run(textToImage())).toMatchObject({ kind: 'task', record: { submission: 'accepted' } });
    });
  });
});
