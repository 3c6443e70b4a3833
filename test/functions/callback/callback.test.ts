/** The callback on a real table: nothing is believed before the signature holds, and one outcome wins (promises 3–6). */
import { describe, expect, test } from 'vitest';
import type { QueuedMessage } from '../../../shared/task/callback-message.ts';
import type { TaskRecord } from '../../../shared/task/record.ts';
import type { End } from '../../../shared/task/store.ts';
import { bucketInMemory } from '../../support/bucket.ts';
import { taskRecord } from '../../support/records.ts';
import { signerWith } from '../../support/signers.ts';
import { hasDynamoServer } from '../../support/tasks-table.ts';
import { failed, useCallbackHarness } from './callback-harness.ts';

const nothing = { writes: [], puts: [], fetches: [] };

describe.runIf(hasDynamoServer())('a callback', () => {
  const harness = useCallbackHarness();

  describe('that is not to be believed changes nothing, writes nothing, fetches nothing', () => {
    test.each([
      ['a wrong signature', (): Partial<QueuedMessage> => ({ signature: `1-${'A'.repeat(43)}` })],
      ['no signature', () => ({ signature: '' })],
      ["another task's signature", () => ({ signature: signerWith().callback(taskRecord().id) })],
      [
        "another deployment's signature",
        () => ({ signature: signerWith('other').callback(taskRecord().id) }),
      ],
      ['garbage for a task id', () => ({ taskId: '../../etc' })],
      ['no task id', () => ({ taskId: '' })],
    ])('%s: not even the record is read', async (_, own) => {
      const record = await harness.created();

      expect(await harness.handle(record.id, harness.completed('/0.png'), own())).toBe('forged');

      expect(harness.traces()).toEqual(nothing);
      expect(harness.table.calls).toEqual([]);
    });

    test.each([
      ['empty', '', 'malformed'],
      ['no JSON', '<html>', 'malformed'],
      ['a list', [], 'malformed'],
      ['without an id', { status: 'completed', results: ['https://x.example.com/'] }, 'malformed'],
      ['without a status', { id: 'p-1' }, 'malformed'],
      ['of an unknown status', { id: 'p-1', status: 'resting' }, 'malformed'],
      ['of a megabyte', `{"id":"p-1","status":"completed","x":"${'x'.repeat(1_000_000)}"}`, 'oversized'],
      ['a completion without results', { id: 'p-1', status: 'completed', results: [] }, 'without_results'],
    ])('a body %s', async (_, body, handled) => {
      const record = await harness.created({ provider_task_id: 'p-1', submission: 'accepted' });

      expect(await harness.handle(record.id, body)).toBe(handled);

      expect(harness.traces()).toEqual(nothing);
      expect(await harness.read(record)).toEqual(record);
    });

    test('the limit counts bytes: 256 kB are read, one more is not', async () => {
      const record = await harness.created();
      const filled = (bytes: number) => '狐'.repeat(Math.floor(bytes / 3)) + ' '.repeat(bytes % 3);

      expect(await harness.handle(record.id, filled(256 * 1024))).toBe('malformed');
      expect(await harness.handle(record.id, filled(256 * 1024 + 1))).toBe('oversized');
    });

    test('for a task that we do not have', async () => {
      expect(await harness.handle(taskRecord().id, harness.completed('/0.png'))).toBe('unknown');
      expect(harness.traces()).toEqual(nothing);
    });

    test.each([
      ['a completion', () => harness.completed('/0.png')],
      ['a failure', () => failed],
      ['progress', () => ({ id: 'p-1', status: 'processing', progress: 50 })],
    ])('%s of another provider task', async (_, report) => {
      const record = await harness.created({ provider_task_id: 'p-other', submission: 'accepted' });

      expect(await harness.handle(record.id, report())).toBe('foreign');

      expect(harness.traces()).toEqual(nothing);
      expect(await harness.read(record)).toEqual(record);
    });
  });

  // Regression: submit had died before it heard the id, and the one who named it was not listened to.
  test.each([
    ['progress', { id: 'p-1', status: 'processing', progress: 50 }, 'progress'],
    ['a completion without results', { id: 'p-1', status: 'completed', results: [] }, 'without_results'],
  ])('%s of a task whose id nobody knows yet: now it can be read', async (_, body, handled) => {
    const record = await harness.created();

    expect(await harness.handle(record.id, body)).toBe(handled);
    expect(await harness.handle(record.id, body)).toBe(handled);

    expect(await harness.read(record)).toMatchObject({ provider_task_id: 'p-1', submission: 'accepted' });
    expect(harness.table.writes().filter((write) => write === 'accept')).toHaveLength(1);
  });

  // Regression: found by simulation. A last callback was dropped as foreign, and the last read failed.
  test('that names our provider task beside another id is about ours', async () => {
    const record = await harness.created({ provider_task_id: 'p-1', submission: 'accepted' });
    const report = { ...harness.completed('/0.png'), id: 'job-77', task_id: 'p-1' };

    expect(await harness.handle(record.id, report)).toBe('completed');

    expect(await harness.read(record)).toMatchObject({ provider_task_id: 'p-1', images: { length: 1 } });
  });

  describe('that comes again', () => {
    test.each([
      [
        'completed',
        'completed',
        () => harness.completed('/0.png'),
        () => harness.completed('/0.png'),
        'duplicate',
      ],
      ['failed', 'failed', () => failed, () => failed, 'duplicate'],
      ['completed', 'failed', () => harness.completed('/0.png'), () => failed, 'contradiction'],
      ['failed', 'completed', () => failed, () => harness.completed('/0.png'), 'contradiction'],
    ])('after %s, says %s: the first outcome stays', async (_, __, first, second, handled) => {
      const record = await harness.created();
      await harness.handle(record.id, first());
      const before = await harness.read(record);
      harness.reset();

      expect(await harness.handle(record.id, second())).toBe(handled);

      expect(harness.traces()).toEqual(nothing);
      expect(await harness.read(record)).toEqual(before);
    });

    test('five times at once: one outcome, one set of images', async () => {
      const record = await harness.created();

      const all = await Promise.all(
        Array.from({ length: 5 }, () => harness.handle(record.id, harness.completed('/0.png'))),
      );

      expect(all.sort()).toEqual(['completed', 'duplicate', 'duplicate', 'duplicate', 'duplicate']);
      expect(new Set(harness.bucket.puts.map(({ key }) => key)).size).toBe(1);
    });

    test('while a contradiction was quicker: the first one written stays', async () => {
      const record = await harness.created();
      harness.bucket = bucketInMemory(() => harness.handle(record.id, failed));

      expect(await harness.handle(record.id, harness.completed('/0.png'))).toBe('contradiction');
      expect((await harness.read(record))?.status).toBe('failed');
    });

    test('while the create named another provider task meanwhile: foreign', async () => {
      const record = await harness.created();
      harness.bucket = bucketInMemory(() =>
        harness.tables.store.accept(record.id, { provider_task_id: 'p-other' }),
      );

      expect(await harness.handle(record.id, harness.completed('/0.png'))).toBe('foreign');
      expect(await harness.read(record)).toMatchObject({ status: 'pending', provider_task_id: 'p-other' });
    });
  });

  describe('that brings progress', () => {
    test('notes it on an open task', async () => {
      const record = await harness.created({ provider_task_id: 'p-1' });
      expect(await harness.handle(record.id, { id: 'p-1', status: 'processing', progress: 50 })).toBe(
        'progress',
      );
      expect(await harness.read(record)).toMatchObject({ status: 'processing', progress: 50 });
    });

    test('is nothing to an ended task', async () => {
      const record = await harness.created();
      await harness.handle(record.id, failed);
      harness.reset();

      expect(await harness.handle(record.id, { id: 'p-1', status: 'processing', progress: 50 })).toBe(
        'progress',
      );
      expect(harness.table.writes()).toEqual([]);
    });
  });

  describe('that one of our functions put there', () => {
    const acceptance = { provider_task_id: 'p-1', estimated_time: 30 };

    test('brings an acceptance to the record', async () => {
      const record = await harness.created();

      expect(await harness.handleOwn({ kind: 'acceptance', taskId: record.id, acceptance })).toBe('accepted');

      expect(await harness.read(record)).toEqual({ ...record, ...acceptance, submission: 'accepted' });
    });

    test('brings no acceptance to a record that names another provider task, or to none', async () => {
      const record = await harness.created({ provider_task_id: 'p-other', submission: 'accepted' });
      const unknown = taskRecord();

      expect(await harness.handleOwn({ kind: 'acceptance', taskId: record.id, acceptance })).toBe('foreign');
      expect(await harness.handleOwn({ kind: 'acceptance', taskId: unknown.id, acceptance })).toBe('unknown');

      expect(await harness.read(record)).toEqual(record);
      expect(await harness.read(unknown)).toBeUndefined();
    });

    describe('brings a refusal to the record', () => {
      const error = { code: 'invalid_parameters', message: 'No.', type: 'invalid_request_error' };
      const charge = { images: 0, source: 'none' } as const;
      const reservation = { attempt: 'first', day: '2026-01-02', running: 'key-1' };
      const refusal = (record: TaskRecord, attempt: string, final?: End) =>
        harness.handleOwn({ kind: 'refusal', taskId: record.id, attempt, final });

      test.each([
        ['for now', undefined, { submission: 'refused', status: 'pending' }],
        [
          'for good',
          { error, completed: 7, charge },
          { submission: 'refused', status: 'failed', error, completed: 7, charge },
        ],
      ])('%s, and releases what it holds; once', async (_, final, expected) => {
        const record = await harness.created({ attempt: 'first', asked: { images: 2 }, reservation });

        expect(await refusal(record, 'first', final)).toBe('refused');
        expect(await refusal(record, 'first', final)).toBe('superseded');

        const after = await harness.read(record);
        expect(after).toMatchObject(expected);
        expect(after).not.toHaveProperty('reservation');
      });

      test('but not when another attempt has begun, or there is no such task', async () => {
        const record = await harness.created({ attempt: 'second', asked: { images: 2 }, reservation });

        expect(await refusal(record, 'first')).toBe('superseded');
        expect(await refusal(taskRecord(), 'first')).toBe('unknown');

        expect(await harness.read(record)).toEqual(record);
      });
    });

    // Regression: an outcome that was read was dropped as foreign, because its body named the task by another id.
    test.each([{ id: 'job-77', task_id: 'p-1' }, { id: 'P-1' }, { id: 'p-other' }])(
      'is about the id that was asked for, whatever it says itself: %o',
      async (ids) => {
        const record = await harness.created({ provider_task_id: 'p-1', submission: 'accepted' });

        expect(await harness.handleRead(record.id, { ...failed, ...ids })).toBe('failed');

        expect(await harness.read(record)).toMatchObject({ status: 'failed', provider_task_id: 'p-1' });
      },
    );

    // Regression: an answer within the limit was longer as text, and was dropped as oversized.
    test('is read whole when it has more bytes as text than it came in', async () => {
      const record = await harness.created({ provider_task_id: 'p-1', submission: 'accepted' });
      const junk = Buffer.alloc(200_000, 0xff);
      const answer = Buffer.concat([
        Buffer.from('{"id":"p-1","status":"failed","x":"'),
        junk,
        Buffer.from('"}'),
      ]);

      const message = { kind: 'read', taskId: record.id, providerTaskId: 'p-1', answer } as const;
      expect(await harness.handleOwn(message)).toBe('failed');
    });
  });

  describe('that meets a passing fault is thrown back to the queue, and nothing is decided', () => {
    const broken = () => bucketInMemory(() => Promise.reject(new Error('SlowDown')));
    test.each<[string, () => unknown]>([
      ['of the image host', () => harness.setImages({ '/0.png': { status: 503 } })],
      ['of the bucket', () => Object.assign(harness, { bucket: broken() })],
      ['of the table, reading', () => harness.table.failOnce('get', 'before')],
      ['of the table, writing', () => harness.table.failOnce('conclude', 'before')],
    ])('%s', async (_, breaks) => {
      const record = await harness.created();
      breaks();

      await expect(harness.handle(record.id, harness.completed('/0.png'))).rejects.toThrow();
      expect((await harness.read(record))?.status).toBe('pending');

      harness.setImages({});
      harness.bucket = bucketInMemory();
      expect(await harness.handle(record.id, harness.completed('/0.png'))).toBe('completed');
    });

    test('of the answer to the write: the next try finds its own outcome', async () => {
      const record = await harness.created();
      harness.table.failOnce('conclude', 'after');

      await expect(harness.handle(record.id, harness.completed('/0.png'))).rejects.toThrow('lost');
      expect(await harness.handle(record.id, harness.completed('/0.png'))).toBe('duplicate');
    });
  });
});
