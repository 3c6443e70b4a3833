/** What a task reserves, settles and releases on real tables: once, on the day of the reservation, whoever comes twice. */
import {
  TransactionCanceledException,
  TransactionConflictException,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TaskRecord } from '../../../shared/task/record.ts';
import { taskStore } from '../../../shared/task/store.ts';
import { assumedCharge, nothingCharged } from '../../../shared/usage/charge.ts';
import { type Hold, reservationOf } from '../../../shared/usage/counters.ts';
import { outcome, taskRecord } from '../../support/records.ts';
import { hasDynamoServer, openTables, type TestTables } from '../../support/tasks-table.ts';
import { monthOf, runningOf } from '../../support/usage.ts';

const DAY = '2026-01-31';
const asked = { images: 4, amount: 80_000, currency: 'USD' };
const error = { code: 'provider_timeout', message: 'Too late.', type: 'task_error' };

describe.runIf(hasDynamoServer())('a reservation', () => {
  let tables: TestTables;
  let owners = 0;
  beforeAll(async () => {
    tables = await openTables();
  });
  afterAll(() => tables.close());

  const newOwner = () => `owner-${owners++}`;
  const month = ({ owner }: TaskRecord) => monthOf(tables, owner, DAY);
  const running = ({ owner }: TaskRecord) => runningOf(tables, owner, 'key-1');
  const both: Hold = { budget: { images_per_day: 100 }, imagesAtOnce: 100 };

  /** A record that holds what it asks for, or would. */
  function holding(owner: string, hold: Hold, changes: Partial<TaskRecord> = {}): TaskRecord {
    const record = taskRecord({ owner, attempt: crypto.randomUUID(), asked, ...changes });
    return { ...record, reservation: reservationOf(record.attempt!, DAY, 'key-1', hold) } as TaskRecord;
  }
  async function reserved(hold: Hold = both, changes: Partial<TaskRecord> = {}): Promise<TaskRecord> {
    const record = holding(newOwner(), hold, changes);
    expect(await tables.store.putIntent(record, hold)).toEqual({ kind: 'written' });
    return record;
  }
  const charged = (images: number) => ({
    images,
    amount: images * 20_000,
    currency: 'USD',
    source: 'prices' as const,
  });
  const all = {
    images: 4,
    d31_images: 4,
    amount_USD: 80_000,
    d31_amount_USD: 80_000,
  };
  const none = { images: 0, d31_images: 0, amount_USD: 0, d31_amount_USD: 0 };

  describe('is made', () => {
    test('with the record, in the day, in the month, and among the images in work', async () => {
      const record = await reserved();

      expect(await tables.store.get(record.id)).toEqual(record);
      expect(await month(record)).toEqual(all);
      expect(await running(record)).toBe(4);
    });

    test('of 200 at once for a budget of 50 images: for 50, and no record of the others', async () => {
      const owner = newOwner();
      const hold = { budget: { images_per_month: 50 } };
      const records = Array.from({ length: 200 }, () => holding(owner, hold, { asked: { images: 1 } }));

      const written = await Promise.all(records.map((record) => tables.store.putIntent(record, hold)));

      const kinds = (kind: string) => records.filter((_, nth) => written[nth]?.kind === kind);
      expect([kinds('written').length, kinds('over').length]).toEqual([50, 150]);
      expect(await monthOf(tables, owner, DAY)).toEqual({ images: 50, d31_images: 50 });
      for (const { id } of kinds('over').slice(0, 10)) expect(await tables.store.get(id)).toBeUndefined();
    });

    test.each<[string, Hold, object]>([
      ['images of the day', { budget: { images_per_day: 7 } }, { counter: 'budget', row: all }],
      ['images of the month', { budget: { images_per_month: 7 } }, { counter: 'budget', row: all }],
      [
        'money of the day',
        { budget: { amount_per_day: 159_999, currency: 'USD' } },
        { counter: 'budget', row: all },
      ],
      [
        'money of the month',
        { budget: { amount_per_month: 159_999, currency: 'USD' } },
        { counter: 'budget', row: all },
      ],
      ['images at once', { imagesAtOnce: 7 }, { counter: 'running', row: { images: 4 } }],
    ])('never beyond the %s: the second is told how much is taken', async (_, hold, over) => {
      const first = await reserved(hold);
      const second = holding(first.owner, hold);

      expect(await tables.store.putIntent(second, hold)).toMatchObject({ kind: 'over', ...over });

      expect(await tables.store.get(second.id)).toBeUndefined();
    });

    test.each<[string, Hold]>([
      ['images', { budget: { images_per_day: 8, images_per_month: 8 } }],
      ['money', { budget: { amount_per_day: 160_000, amount_per_month: 160_000, currency: 'USD' } }],
      ['images at once', { imagesAtOnce: 8 }],
    ])('up to the last of the %s', async (_, hold) => {
      const { owner } = await reserved(hold);

      expect(await tables.store.putIntent(holding(owner, hold), hold)).toEqual({ kind: 'written' });
    });

    test('once, though the write comes twice: the second meets its own record', async () => {
      const record = await reserved();

      expect(await tables.store.putIntent(record, both)).toEqual({ kind: 'written' });

      expect(await month(record)).toEqual(all);
    });

    test('not by a replay, which is told of the record even where no room is left', async () => {
      const hold = { budget: { images_per_day: 4 } };
      const record = await reserved(hold);

      const replay = { ...holding(record.owner, hold), id: record.id };

      expect(await tables.store.putIntent(replay, hold)).toEqual({ kind: 'conflict', found: record });
    });
  });

  describe('is settled', () => {
    test('by what was charged, where it was reserved, with the outcome', async () => {
      const record = await reserved();

      const end = outcome({ charge: charged(3) });
      expect(await tables.store.conclude(record.id, end, record)).toEqual({ kind: 'written' });

      const after = await tables.store.get(record.id);
      expect(after).toMatchObject({ status: 'completed', charge: { ...charged(3), budget_day: DAY } });
      expect(after).not.toHaveProperty('reservation');
      expect(await month(record)).toEqual({
        images: 3,
        d31_images: 3,
        amount_USD: 60_000,
        d31_amount_USD: 60_000,
      });
      expect(await running(record)).toBe(0);
    });

    test('by what was charged although it is more than was reserved, and in a currency of its own', async () => {
      const record = await reserved(both, { asked: { images: 1 } });
      const charge = { images: 2, amount: 5, currency: 'credits', source: 'provider' } as const;

      await tables.store.conclude(record.id, outcome({ charge }), record);

      expect(await month(record)).toEqual({
        images: 2,
        d31_images: 2,
        amount_credits: 5,
        d31_amount_credits: 5,
      });
    });

    test('once, of 20 ends at once', async () => {
      const record = await reserved();
      const end = { error, completed: 1, charge: assumedCharge(asked) };

      const ends = await Promise.all(
        Array.from({ length: 20 }, (_, nth) =>
          nth % 2
            ? tables.store.conclude(record.id, outcome({ charge: charged(4) }), record)
            : tables.store.giveUp(record.id, 'unconfirmed', end, record),
        ),
      );

      expect(ends.filter(({ kind }) => kind === 'written')).toHaveLength(1);
      expect(await month(record)).toEqual(all);
      expect(await running(record)).toBe(0);
    });

    test('to nothing when the provider has refused it, and not again when that write comes twice', async () => {
      const record = await reserved();
      const end = { error, completed: 1, charge: nothingCharged(asked) };

      expect(await tables.store.refuse(record, end)).toEqual({ kind: 'written' });
      expect((await tables.store.refuse(record, end)).kind).toBe('conflict');

      expect(await month(record)).toEqual(none);
      expect(await running(record)).toBe(0);
    });

    test('only where it is the one that was read: nothing is written otherwise', async () => {
      const record = await reserved();
      await tables.store.refuse(record);
      const again = {
        ...record,
        attempt: 'second',
        reservation: { ...record.reservation!, attempt: 'second' },
      };
      await tables.store.reopen(record.id, 'second', again, both);

      const end = outcome({ charge: charged(4) });
      expect((await tables.store.conclude(record.id, end, record)).kind).toBe('conflict');
      expect((await tables.store.conclude(record.id, end)).kind).toBe('conflict');
      expect(await month(record)).toEqual(all);

      expect(await tables.store.conclude(record.id, end, again)).toEqual({ kind: 'written' });
      expect(await month(record)).toEqual(all);
      expect(await running(record)).toBe(0);
    });
  });

  test('is released for now, and made again when the task is opened again, if there is room', async () => {
    const hold = { budget: { images_per_day: 4 }, imagesAtOnce: 4 };
    const record = await reserved(hold);
    await tables.store.refuse(record);
    expect(await month(record)).toEqual(none);

    const other = holding(record.owner, hold);
    await tables.store.putIntent(other, hold);
    const again = { ...record, reservation: { ...record.reservation!, attempt: 'second' } };
    expect(await tables.store.reopen(record.id, 'second', again, hold)).toMatchObject({ kind: 'over' });
    expect(await tables.store.get(record.id)).toMatchObject({ submission: 'refused' });

    await tables.store.refuse(other);
    expect(await tables.store.reopen(record.id, 'second', again, hold)).toEqual({ kind: 'written' });
    expect(await month(record)).toEqual(all);
    expect(await running(record)).toBe(4);
  });

  describe('meets another transaction', () => {
    /** The local server does one thing after the other, so what AWS answers then has to be put in. */
    function contendedStore(times: number, record: TaskRecord) {
      const pauses: number[] = [];
      let left = times;
      const client = Object.create(tables.client, {
        send: {
          value: (command: never) => {
            if (!((command as object) instanceof TransactWriteItemsCommand) || left-- <= 0)
              return tables.client.send(command);
            const CancellationReasons = [{ Code: 'None' }, { Code: 'TransactionConflict' }];
            throw new TransactionCanceledException({ message: '', $metadata: {}, CancellationReasons });
          },
        },
      });
      const pause = async (ms: number) => void pauses.push(ms);
      const store = taskStore(client, tables.tasks.name, { name: tables.usage, pause, random: () => 1 });
      return { put: () => store.putIntent(record, both), pauses };
    }

    test('and is tried again, after longer and longer pauses', async () => {
      const record = holding(newOwner(), both);
      const { put, pauses } = contendedStore(3, record);

      expect(await put()).toEqual({ kind: 'written' });

      expect(pauses).toEqual([25, 50, 100]);
      expect(await month(record)).toEqual(all);
    });

    test('again and again: nothing is written, and that is said', async () => {
      const record = holding(newOwner(), both);
      const { put, pauses } = contendedStore(100, record);

      expect(await put()).toEqual({ kind: 'contended' });

      expect(pauses).toHaveLength(11);
      expect(await tables.store.get(record.id)).toBeUndefined();
      expect(await month(record)).toEqual({});
    });

    /**
     * A write alone is refused too while a transaction has its record, and the SDK does not repeat it:
     *
     *   callback   conclude, a transaction ────────────────► done
     *   submit              accept ──► TransactionConflict      accept ──► done
     */
    test('as a write alone, and is tried again', async () => {
      const record = await reserved();
      const pauses: number[] = [];
      let left = 2;
      const send = (command: never) => {
        if (!((command as object) instanceof UpdateItemCommand) || left-- <= 0)
          return tables.client.send(command);
        throw new TransactionConflictException({ message: '', $metadata: {} });
      };
      const client = Object.create(tables.client, { send: { value: send } });
      const pause = async (ms: number) => void pauses.push(ms);
      const store = taskStore(client, tables.tasks.name, { pause, random: () => 1 });

      expect(await store.accept(record.id, { provider_task_id: 'p-1' })).toEqual({ kind: 'written' });

      expect(pauses).toEqual([25, 50]);
      expect(await tables.store.get(record.id)).toMatchObject({ provider_task_id: 'p-1' });
    });
  });
});
