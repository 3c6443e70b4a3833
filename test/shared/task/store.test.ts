/** The store on a real table: every condition holds, whoever writes first, and of many at once exactly one wins. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TaskRecord } from '../../../shared/task/record.ts';
import type { NotReserved, Written } from '../../../shared/task/write.ts';
import { CREATED, keptImage, outcome, taskRecord } from '../../support/records.ts';
import { hasDynamoServer, openTables, type TestTables } from '../../support/tasks-table.ts';

const error = { code: 'provider_busy', message: 'words', type: 'task_error' };
const end = { error, completed: CREATED + 60 };
const acceptance = { provider_task_id: 'p-1', estimated_time: 30, reserved: { credits_reserved: 8.5156 } };

describe.runIf(hasDynamoServer())('the store', () => {
  let tables: TestTables;
  beforeAll(async () => {
    tables = await openTables();
  });
  afterAll(() => tables.close());

  /** A task in the table. */
  async function created(changes: Partial<TaskRecord> = {}): Promise<TaskRecord> {
    const record = taskRecord(changes);
    expect(await tables.store.putIntent(record)).toEqual({ kind: 'written' });
    return record;
  }
  const read = (id: string) => tables.store.get(id);
  const wins = (all: readonly (Written | NotReserved)[]) =>
    all.filter(({ kind }) => kind === 'written').length;
  const at20 = (write: (nth: number) => Promise<Written | NotReserved>) =>
    Promise.all(Array.from({ length: 20 }, (_, nth) => write(nth)));

  describe('putIntent', () => {
    test('keeps the record as it is, Chinese prompt and all', async () => {
      const record = await created({ metadata: { 订单: '42' }, callback_url: 'https://h.example.com/' });
      expect(await read(record.id)).toEqual(record);
    });

    test('a second time is a conflict, and brings the record that is there', async () => {
      const record = await created({ prompt: 'first' });

      const again = await tables.store.putIntent({ ...record, prompt: 'second' });

      expect(again).toEqual({ kind: 'conflict', found: record });
      expect((await read(record.id))?.prompt).toBe('first');
    });

    // Regression: the answer to the write was lost, the SDK repeated it, and the condition failed on our own record.
    test('a second time by the same attempt is written: it met its own record', async () => {
      const record = await created({ attempt: 'mine' });

      expect(await tables.store.putIntent(record)).toEqual({ kind: 'written' });
      expect((await tables.store.putIntent({ ...record, attempt: 'other' })).kind).toBe('conflict');
    });

    test('of 20 at once exactly one is written', async () => {
      const record = taskRecord();
      expect(wins(await at20(() => tables.store.putIntent(record)))).toBe(1);
    });
  });

  test('get brings nothing for an unknown id', async () => {
    expect(await read(taskRecord().id)).toBeUndefined();
  });

  describe('no update makes half a record of an unknown id', () => {
    test.each<[string, (id: string) => Promise<Written | NotReserved>]>([
      ['accept', (id) => tables.store.accept(id, acceptance)],
      ['refuse for now', (id) => tables.store.refuse({ id })],
      ['refuse for good', (id) => tables.store.refuse({ id }, end)],
      ['reopen', (id) => tables.store.reopen(id, 'mine')],
      ['conclude', (id) => tables.store.conclude(id, outcome())],
      ['giveUp', (id) => tables.store.giveUp(id, 'unconfirmed', end)],
      ['noteProgress', (id) => tables.store.noteProgress(id, 'processing', 50)],
      ['noteUnfinished', (id) => tables.store.noteUnfinished(id, 'p-1', { reported_at: CREATED })],
    ])('%s', async (_, write) => {
      const { id } = taskRecord();
      expect(await write(id)).toEqual({ kind: 'conflict', found: undefined });
      expect(await read(id)).toBeUndefined();
    });
  });

  describe('accept', () => {
    test('adds what the provider said, and nothing that it did not say', async () => {
      const [full, bare] = [await created(), await created()];

      await tables.store.accept(full.id, acceptance);
      await tables.store.accept(bare.id, {
        provider_task_id: 'p-1',
        estimated_time: undefined,
        reserved: undefined,
      });

      expect(await read(full.id)).toEqual({ ...full, ...acceptance, submission: 'accepted' });
      expect(await read(bare.id)).toEqual({ ...bare, provider_task_id: 'p-1', submission: 'accepted' });
    });

    test('after the outcome changes nothing of the outcome', async () => {
      const record = await created();
      await tables.store.conclude(record.id, outcome({ provider_task_id: 'p-1', images: [keptImage(0)] }));

      expect(await tables.store.accept(record.id, acceptance)).toEqual({ kind: 'written' });

      expect(await read(record.id)).toMatchObject({
        status: 'completed',
        progress: 100,
        images: [keptImage(0)],
        estimated_time: 30,
      });
    });

    test("of another provider task than a callback's is a conflict", async () => {
      const record = await created();
      await tables.store.conclude(record.id, outcome({ provider_task_id: 'p-2' }));

      const written = await tables.store.accept(record.id, acceptance);

      expect(written).toMatchObject({
        kind: 'conflict',
        found: { provider_task_id: 'p-2', status: 'completed' },
      });
      expect((await read(record.id))?.provider_task_id).toBe('p-2');
    });
  });

  describe('conclude', () => {
    const completed = outcome({
      provider_task_id: 'p-1',
      images: [keptImage(0), keptImage(2)],
      lost: [{ index: 1, reason: 'gone' }],
      output: [
        { type: 'text', text: '从前' },
        { type: 'image', index: 0 },
      ],
      usage: { cost: '0.03', image_count: 2 },
    });

    test('before the acceptance records everything, and that the task was accepted', async () => {
      const record = await created();

      expect(await tables.store.conclude(record.id, completed)).toEqual({ kind: 'written' });

      expect(await read(record.id)).toEqual({
        ...record,
        ...completed,
        submission: 'accepted',
        progress: 100,
      });
    });

    test('a failure keeps its error, and the progress stays where it was', async () => {
      const record = await created();
      await tables.store.accept(record.id, acceptance);
      await tables.store.noteProgress(record.id, 'processing', 40);
      const failed = outcome({ status: 'failed', provider_task_id: 'p-1', error });

      await tables.store.conclude(record.id, failed);

      expect(await read(record.id)).toMatchObject({ status: 'failed', error, progress: 40 });
    });

    test('a foreign provider task ends nothing', async () => {
      const record = await created();
      await tables.store.accept(record.id, acceptance);

      const written = await tables.store.conclude(record.id, outcome({ provider_task_id: 'p-2' }));

      expect(written).toMatchObject({
        kind: 'conflict',
        found: { status: 'pending', provider_task_id: 'p-1' },
      });
      expect((await read(record.id))?.status).toBe('pending');
    });

    test('a task that was refused for now, because the provider has it after all', async () => {
      const record = await created();
      await tables.store.refuse(record);

      expect(await tables.store.conclude(record.id, completed)).toEqual({ kind: 'written' });

      expect(await read(record.id)).toMatchObject({ status: 'completed', submission: 'accepted' });
    });

    test('the first of 20 at once is the outcome, and it stays', async () => {
      const record = await created();

      const all = await at20((nth) =>
        tables.store.conclude(
          record.id,
          nth % 2 ? completed : outcome({ ...completed, status: 'failed', error }),
        ),
      );

      expect(wins(all)).toBe(1);
      const winner = all.findIndex(({ kind }) => kind === 'written') % 2 ? 'completed' : 'failed';
      expect((await read(record.id))?.status).toBe(winner);
    });
  });

  describe('refuse', () => {
    test('for now leaves the task open', async () => {
      const record = await created();
      expect(await tables.store.refuse(record)).toEqual({ kind: 'written' });
      expect(await read(record.id)).toEqual({ ...record, submission: 'refused' });
    });

    test('for good ends it with its error', async () => {
      const record = await created();
      expect(await tables.store.refuse(record, end)).toEqual({ kind: 'written' });
      expect(await read(record.id)).toEqual({ ...record, ...end, submission: 'refused', status: 'failed' });
    });

    test.each<[string, (id: string) => Promise<Written | NotReserved>]>([
      ['a callback', (id) => tables.store.conclude(id, outcome())],
      ['the acceptance', (id) => tables.store.accept(id, acceptance)],
    ])('is a conflict after %s', async (_, first) => {
      const record = await created();
      await first(record.id);
      const before = await read(record.id);

      expect(await tables.store.refuse(record)).toEqual({ kind: 'conflict', found: before });
      expect(await tables.store.refuse(record, end)).toEqual({ kind: 'conflict', found: before });
      expect(await read(record.id)).toEqual(before);
    });
  });

  // Regression: found by simulation. The task was paid for twice.
  test('a refusal that is repeated after another attempt has begun is a conflict, and changes nothing', async () => {
    const record = await created({ attempt: 'first' });
    await tables.store.refuse(record);
    await tables.store.reopen(record.id, 'second');
    const before = await read(record.id);

    const all = [await tables.store.refuse(record), await tables.store.refuse(record, end)];

    expect(all).toEqual([
      { kind: 'conflict', found: before },
      { kind: 'conflict', found: before },
    ]);
    expect(await read(record.id)).toMatchObject({ submission: 'unconfirmed', attempt: 'second' });
    expect(await tables.store.refuse({ ...record, attempt: 'second' })).toEqual({ kind: 'written' });
  });

  describe('reopen', () => {
    // Regression: as with putIntent, a repeated write met what it had written itself.
    test('a second time by the same attempt is written, by another it is a conflict', async () => {
      const record = await created({ attempt: 'first' });
      await tables.store.refuse(record);

      const all = [
        await tables.store.reopen(record.id, 'mine'),
        await tables.store.reopen(record.id, 'mine'),
        await tables.store.reopen(record.id, 'other'),
      ];

      expect(all.map(({ kind }) => kind)).toEqual(['written', 'written', 'conflict']);
      expect(await read(record.id)).toMatchObject({ submission: 'unconfirmed', attempt: 'mine' });
    });

    test('of 20 at once exactly one is written', async () => {
      const record = await created();
      await tables.store.refuse(record);

      expect(wins(await at20((nth) => tables.store.reopen(record.id, `attempt ${nth}`)))).toBe(1);

      expect(await read(record.id)).toEqual({ ...record, attempt: expect.stringMatching(/^attempt/) });
    });

    test.each<[string, (id: string) => Promise<unknown>]>([
      ['an unconfirmed task', async () => undefined],
      ['an accepted task', (id) => tables.store.accept(id, acceptance)],
      ['a task refused for good', (id) => tables.store.refuse({ id }, end)],
      ['an ended task', (id) => tables.store.conclude(id, outcome())],
    ])('is a conflict on %s', async (_, first) => {
      const record = await created();
      await first(record.id);
      const before = await read(record.id);

      expect(await tables.store.reopen(record.id, 'mine')).toEqual({ kind: 'conflict', found: before });
    });
  });

  describe('giveUp', () => {
    test('ends an open task whose submission is what it was', async () => {
      const record = await created();
      expect(await tables.store.giveUp(record.id, 'unconfirmed', end)).toEqual({ kind: 'written' });
      expect(await read(record.id)).toEqual({ ...record, ...end, status: 'failed' });
    });

    test('is a conflict when the submission has changed meanwhile', async () => {
      const record = await created();
      await tables.store.refuse(record);
      await tables.store.reopen(record.id, 'mine');

      expect(await tables.store.giveUp(record.id, 'refused', end)).toEqual({
        kind: 'conflict',
        found: { ...record, attempt: 'mine' },
      });
    });

    test('is a conflict when the task has ended', async () => {
      const record = await created();
      await tables.store.conclude(record.id, outcome());

      expect(await tables.store.giveUp(record.id, 'accepted', end)).toMatchObject({ kind: 'conflict' });
      expect((await read(record.id))?.status).toBe('completed');
    });

    test('and reopen at once: one of the two', async () => {
      const record = await created();
      await tables.store.refuse(record);

      const both = [tables.store.reopen(record.id, 'mine'), tables.store.giveUp(record.id, 'refused', end)];

      expect(wins(await Promise.all(both))).toBe(1);
    });
  });

  describe('noteProgress', () => {
    test.each<[string, ['pending' | 'processing', number], ['pending' | 'processing', number], boolean]>([
      ['forward', ['processing', 10], ['processing', 60], true],
      ['the same again', ['processing', 60], ['processing', 60], true],
      ['backwards', ['processing', 60], ['processing', 59], false],
      ['from pending to processing', ['pending', 0], ['processing', 0], true],
      ['from processing back to pending', ['processing', 0], ['pending', 0], false],
      ['from processing back to pending with more progress', ['processing', 10], ['pending', 20], false],
    ])('%s', async (_, first, second, done) => {
      const record = await created();
      await tables.store.noteProgress(record.id, ...first);

      expect((await tables.store.noteProgress(record.id, ...second)).kind).toBe(
        done ? 'written' : 'conflict',
      );

      const [status, progress] = done ? second : first;
      expect(await read(record.id)).toEqual({ ...record, status, progress });
    });

    test.each(['completed', 'failed'] as const)('is not noted after the task has %s', async (status) => {
      const record = await created();
      await tables.store.conclude(record.id, outcome({ status }));
      const before = await read(record.id);

      expect((await tables.store.noteProgress(record.id, 'processing', 100)).kind).toBe('conflict');
      expect(await read(record.id)).toEqual(before);
    });
  });

  describe('noteUnfinished', () => {
    const kept_images = [{ ...keptImage(0), source: 'f00d' }];

    test('changes what it names and nothing else', async () => {
      const record = await created();

      await tables.store.noteUnfinished(record.id, 'provider-1', { reported_at: CREATED + 30, kept_images });
      await tables.store.noteUnfinished(record.id, 'provider-1', { archive_fault: CREATED + 60 });

      expect(await read(record.id)).toEqual({
        ...record,
        provider_task_id: 'provider-1',
        submission: 'accepted',
        reported_at: CREATED + 30,
        archive_fault: CREATED + 60,
        kept_images,
      });
    });

    test('is a conflict when it is of another provider task', async () => {
      const record = await created({ provider_task_id: 'p-other' });
      expect(await tables.store.noteUnfinished(record.id, 'provider-1', { kept_images })).toEqual({
        kind: 'conflict',
        found: record,
      });
    });

    test('keeps the images until the outcome names them', async () => {
      const record = await created();
      await tables.store.noteUnfinished(record.id, 'provider-1', { reported_at: CREATED + 30, kept_images });

      await tables.store.conclude(record.id, outcome({ images: [keptImage(0)] }));

      const after = await read(record.id);
      expect(after).toMatchObject({ images: [keptImage(0)], reported_at: CREATED + 30 });
      expect(after).not.toHaveProperty('kept_images');
    });

    test.each<[string, (id: string) => Promise<unknown>]>([
      ['completed', (id) => tables.store.conclude(id, outcome())],
      ['given up', (id) => tables.store.giveUp(id, 'unconfirmed', end)],
    ])('is not written after the task was %s', async (_, first) => {
      const record = await created();
      await first(record.id);
      const before = await read(record.id);

      expect(await tables.store.noteUnfinished(record.id, 'provider-1', { kept_images })).toEqual({
        kind: 'conflict',
        found: before,
      });
    });
  });

  test('a table that cannot be reached is a fault, never a conflict', async () => {
    const gone = await openTables();
    await gone.close();
    await expect(gone.store.putIntent(taskRecord())).rejects.toThrow();
  });
});
