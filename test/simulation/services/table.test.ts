/**
 * The simulated table against a real DynamoDB server, by random histories of everything that the product does to a task:
 * after each step both have answered the same and hold the same. So the simulation proves the product, not itself.
 */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readTasks } from '../../../functions/check/read-tasks.ts';
import { freshTaskId } from '../../../shared/task/ids.ts';
import { noAttemptYet } from '../../../shared/task/record.ts';
import { type TaskStore, taskStore } from '../../../shared/task/store.ts';
import { CREATED, keptImage, outcome, taskRecord } from '../../support/records.ts';
import { hasDynamoServer, openTables, type TestTables } from '../../support/tasks-table.ts';
import { monthOf, runningOf } from '../../support/usage.ts';
import { conditionOf } from './condition.ts';
import { SimulatedTable } from './table.ts';

/** A step, with `id` left to who runs it. */
type Step = (store: TaskStore, id: string) => Promise<unknown>;

const from = <T>(...values: readonly T[]) => fc.constantFrom(...values);
const providerId = from('p-1', 'p-2');
const attempt = from('a-1', 'a-2');
const completed = fc.integer({ min: CREATED, max: CREATED + 9 });
const asked = fc.integer({ min: 1, max: 4 });
const budget = fc.integer({ min: 4, max: 8 });
/** What an attempt holds in both counters. */
const holding = (by: string, images: number) => ({
  owner: OWNER.name,
  attempt: by,
  asked: { images, amount: images * 5, currency: 'USD' },
  reservation: { attempt: by, day: '2026-01-31', budget: true, running: 'key-1' } as const,
});
/** Each history has one of its own, because its counters are there for all tasks. */
const OWNER = { name: '' };
const error = { code: 'no', message: 'No.', type: 'task_error' };

const steps: fc.Arbitrary<Step> = fc.oneof(
  fc.tuple(attempt, from('pending' as const, 'processing' as const)).map(
    ([by, status]): Step =>
      (store, id) =>
        store.putIntent(taskRecord({ id, attempt: by, status })),
  ),
  fc.tuple(attempt, asked, budget).map(
    ([by, images, most]): Step =>
      (store, id) =>
        store.putIntent(taskRecord({ ...holding(by, images), id }), { budget: { images_per_day: most } }),
  ),
  fc.tuple(attempt, asked, budget).map(
    ([by, images, most]): Step =>
      (store, id) =>
        store.reopen(id, by, holding(by, images), { budget: { images_per_day: most }, imagesAtOnce: most }),
  ),
  fc.tuple(attempt, asked, completed).map(
    ([by, images, at]): Step =>
      (store, id) =>
        store.conclude(
          id,
          outcome({
            completed: at,
            provider_task_id: 'p-1',
            charge: { images: 2, amount: 7, currency: 'EUR', source: 'provider' },
          }),
          holding(by, images),
        ),
  ),
  fc.tuple(attempt, asked).map(
    ([by, images]): Step =>
      (store, id) =>
        store.refuse({ ...holding(by, images), id }),
  ),
  fc.tuple(providerId, from(undefined, { cost: '0.03', nested: [1, null, true] })).map(
    ([provider_task_id, reserved]): Step =>
      (store, id) =>
        store.accept(id, { provider_task_id, estimated_time: 30, reserved }),
  ),
  fc.option(completed, { nil: undefined }).map(
    (at): Step =>
      (store, id) =>
        store.refuse({ id }, at === undefined ? undefined : { error, completed: at }),
  ),
  attempt.map(
    (by): Step =>
      (store, id) =>
        store.reopen(id, by),
  ),
  fc.tuple(providerId, from('completed' as const, 'failed' as const), completed).map(
    ([provider_task_id, status, at]): Step =>
      (store, id) =>
        store.conclude(id, outcome({ provider_task_id, status, completed: at, images: [keptImage(0)] })),
  ),
  fc.tuple(from('unconfirmed' as const, 'accepted' as const, 'refused' as const), completed).map(
    ([submission, at]): Step =>
      (store, id) =>
        store.giveUp(id, submission, { error, completed: at }),
  ),
  fc.tuple(from('pending' as const, 'processing' as const), fc.integer({ min: 0, max: 100 })).map(
    ([status, progress]): Step =>
      (store, id) =>
        store.noteProgress(id, status, progress),
  ),
  fc.tuple(providerId, completed, from(undefined, ['hash-1'])).map(
    ([provider, at, gone_images]): Step =>
      (store, id) =>
        store.noteUnfinished(id, provider, {
          archive_fault: at,
          kept_images: [{ ...keptImage(0), source: 'hash-2' }],
          ...(gone_images && { gone_images }),
        }),
  ),
  fc.tuple(fc.integer({ min: 0, max: 2 }), from('', 'run-1')).map(
    ([attempts, run]): Step =>
      (store, id) =>
        store.noteWebhook(
          id,
          { ...noAttemptYet, attempts, run },
          { ...noAttemptYet, attempts: attempts + 1, run, last_error: 'timeout' },
        ),
  ),
  from('chain-1', 'chain-2', 'chain-3').map(
    (chain): Step =>
      (store, id) =>
        store.obeyChain(id, chain),
  ),
);

const history = fc.array(fc.tuple(steps, fc.integer({ min: 0, max: 1 })), { maxLength: 30 });
const RUNS = 150;

const simulated = () => {
  const table = new SimulatedTable();
  const client = { send: async (command: object) => table.perform(command) } as unknown as DynamoDBClient;
  return { client, store: taskStore(client, 'tasks', { name: 'usage' }) };
};

describe.runIf(hasDynamoServer())('the simulated table', () => {
  let real: TestTables;
  beforeAll(async () => {
    real = await openTables();
  });
  afterAll(() => real.close());

  test(`answers and holds what a real one does, in ${RUNS} histories`, async () => {
    await fc.assert(
      fc.asyncProperty(history, async (taken) => {
        const { client, store } = simulated();
        OWNER.name = `owner-${crypto.randomUUID()}`;
        const ids = [freshTaskId(CREATED), freshTaskId(CREATED)] as const;
        for (const [step, which] of taken) {
          const id = ids[which]!;
          const answers = await Promise.all([real.store, store].map((one) => step(one, id)));
          expect(answers[1]).toEqual(answers[0]);
        }
        for (const id of ids) expect(await store.get(id)).toEqual(await real.store.get(id));
        const read = (from: DynamoDBClient, table: string) =>
          readTasks(from, table, ids, async () => undefined);
        const counters = (from: Pick<TestTables, 'client' | 'usage'>) =>
          monthOf(from, OWNER.name, '2026-01-31');
        expect(await counters({ client, usage: 'usage' })).toEqual(await counters(real));
        expect(await runningOf({ client, usage: 'usage' }, OWNER.name, 'key-1')).toBe(
          await runningOf(real, OWNER.name, 'key-1'),
        );
        expect(await read(client, 'tasks')).toEqual(await read(real.client, real.tasks.name));
      }),
      { numRuns: RUNS },
    );
  });
});

describe('what it does not know', () => {
  test.each(['size(prompt) > :n', 'begins_with(id, :n)', 'a BETWEEN :n AND :n', 'a = :n extra', 'a ='])(
    '%s is refused, never taken as true',
    (expression) => {
      const evaluate = () =>
        conditionOf(expression)({ a: { S: 'x' } }, { names: {}, values: { ':n': { S: 'x' } } });
      expect(evaluate).toThrow('The simulation does not know');
    },
  );
});
