/** The callback on a real table: nothing is believed before the signature holds, and one outcome wins (promises 3–6). */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Callback, type CallbackParts, handleCallback } from '../../../functions/callback/callback.ts';
import { callbackSignature } from '../../../shared/security/signatures.ts';
import type { TaskRecord } from '../../../shared/task/record.ts';
import { type Bucket, bucketInMemory } from '../../support/bucket.ts';
import { png } from '../../support/pictures.ts';
import { CREATED, taskRecord } from '../../support/records.ts';
import { type Answer, type ScriptedServer, serve } from '../../support/server.ts';
import { hasDynamoServer, openTables, type TestTables } from '../../support/tasks-table.ts';
import { keptTelemetry } from '../../support/telemetry.ts';
import { type WatchedStore, watched } from '../../support/watched-store.ts';

const NOW = (CREATED + 30) * 1000 + 999;
const rules = {
  allowHttp: true,
  allowedRanges: ['127.0.0.0/8'],
  maxBytes: 100_000,
  timeoutMs: 1000,
  pausesMs: [],
};

describe.runIf(hasDynamoServer())('a callback', () => {
  let tables: TestTables;
  let server: ScriptedServer;
  let images: Record<string, Answer>;
  let table: WatchedStore;
  let bucket: Bucket;
  beforeAll(async () => {
    tables = await openTables();
    server = await serve(({ path }) => images[path] ?? { body: png() });
  });
  afterAll(async () => {
    await server.close();
    await tables.close();
  });
  beforeEach(() => {
    images = {};
    server.seen.splice(0);
    table = watched(tables.store);
    bucket = bucketInMemory();
  });

  async function begun(changes: Partial<TaskRecord> = {}): Promise<TaskRecord> {
    const record = taskRecord(changes);
    await tables.store.begin(record);
    return record;
  }
  const read = (record: TaskRecord) => tables.store.get(record.id);
  const parts = (): CallbackParts => ({
    ...{ store: table.store, rootSecret: 'root-secret', telemetry: keptTelemetry(), now: () => NOW },
    archive: { s3: bucket.s3, bucket: 'images', rules, limit: (work) => work() },
  });
  const handle = (taskId: string, json: unknown, own: Partial<Callback> = {}) =>
    handleCallback(parts(), {
      ...{ taskId, signature: callbackSignature('root-secret', taskId), isRead: false },
      body: typeof json === 'string' ? json : JSON.stringify(json),
      ...own,
    });
  const completed = (...paths: string[]) => ({
    ...{
      id: 'p-1',
      status: 'completed',
      progress: 100,
      results: paths.map((path) => `${server.url}${path}`),
    },
    usage: { credits_reserved: 1.2 },
  });
  const failed = { id: 'p-1', status: 'failed', error: { code: 'content_policy_violation', message: 'No.' } };
  const nothingHappened = () => expect([table.writes(), bucket.puts, server.seen]).toEqual([[], [], []]);

  describe('that is not to be believed changes nothing, writes nothing, fetches nothing', () => {
    test.each([
      ['a wrong signature', (): Partial<Callback> => ({ signature: 'A'.repeat(43) })],
      ['no signature', () => ({ signature: '' })],
      ["another task's signature", () => ({ signature: callbackSignature('root-secret', taskRecord().id) })],
      ["another deployment's signature", () => ({ signature: callbackSignature('other', taskRecord().id) })],
      ['garbage for a task id', () => ({ taskId: '../../etc' })],
      ['no task id', () => ({ taskId: '' })],
    ])('%s: not even the record is read', async (_, own) => {
      const record = await begun();

      expect(await handle(record.id, completed('/0.png'), own())).toBe('forged');

      nothingHappened();
      expect(table.calls).toEqual([]);
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
      const record = await begun();

      expect(await handle(record.id, body)).toBe(handled);

      nothingHappened();
      expect(await read(record)).toEqual(record);
    });

    test('the limit counts bytes: 256 kB are read, one more is not', async () => {
      const record = await begun();
      const filled = (bytes: number) => '狐'.repeat(Math.floor(bytes / 3)) + ' '.repeat(bytes % 3);

      expect(await handle(record.id, filled(256 * 1024))).toBe('malformed');
      expect(await handle(record.id, filled(256 * 1024 + 1))).toBe('oversized');
    });

    test('for a task that we do not have', async () => {
      expect(await handle(taskRecord().id, completed('/0.png'))).toBe('unknown');
      nothingHappened();
    });

    test.each([
      ['a completion', () => completed('/0.png')],
      ['a failure', () => failed],
      ['progress', () => ({ id: 'p-1', status: 'processing', progress: 50 })],
    ])('%s of another provider task', async (_, word) => {
      const record = await begun({ provider_task_id: 'p-other', submission: 'accepted' });

      expect(await handle(record.id, word())).toBe('foreign');

      nothingHappened();
      expect(await read(record)).toEqual(record);
    });
  });

  describe('that comes again', () => {
    test.each([
      ['completed', 'completed', () => completed('/0.png'), () => completed('/0.png'), 'duplicate'],
      ['failed', 'failed', () => failed, () => failed, 'duplicate'],
      ['completed', 'failed', () => completed('/0.png'), () => failed, 'contradiction'],
      ['failed', 'completed', () => failed, () => completed('/0.png'), 'contradiction'],
    ])('after %s, says %s: the first outcome stays', async (_, __, first, second, handled) => {
      const record = await begun();
      await handle(record.id, first());
      const before = await read(record);
      table = watched(tables.store);
      bucket = bucketInMemory();
      server.seen.splice(0);

      expect(await handle(record.id, second())).toBe(handled);

      nothingHappened();
      expect(await read(record)).toEqual(before);
    });

    test('five times at once: one outcome, one set of images', async () => {
      const record = await begun();

      const all = await Promise.all(Array.from({ length: 5 }, () => handle(record.id, completed('/0.png'))));

      expect(all.sort()).toEqual(['completed', 'duplicate', 'duplicate', 'duplicate', 'duplicate']);
      expect(new Set(bucket.puts.map(({ key }) => key)).size).toBe(1);
    });

    test('while a contradiction was quicker: the first one written stays', async () => {
      const record = await begun();
      bucket = bucketInMemory(() => handle(record.id, failed));

      expect(await handle(record.id, completed('/0.png'))).toBe('contradiction');
      expect((await read(record))?.status).toBe('failed');
    });

    test('while the create named another provider task meanwhile: foreign', async () => {
      const record = await begun();
      bucket = bucketInMemory(() => tables.store.accept(record.id, { provider_task_id: 'p-other' }));

      expect(await handle(record.id, completed('/0.png'))).toBe('foreign');
      expect(await read(record)).toMatchObject({ status: 'pending', provider_task_id: 'p-other' });
    });
  });

  describe('that brings progress', () => {
    test('notes it on an open task', async () => {
      const record = await begun({ provider_task_id: 'p-1' });
      expect(await handle(record.id, { id: 'p-1', status: 'processing', progress: 50 })).toBe('progress');
      expect(await read(record)).toMatchObject({ status: 'processing', progress: 50 });
    });

    test('is nothing to an ended task', async () => {
      const record = await begun();
      await handle(record.id, failed);
      table = watched(tables.store);

      expect(await handle(record.id, { id: 'p-1', status: 'processing', progress: 50 })).toBe('progress');
      expect(table.writes()).toEqual([]);
    });
  });

  describe('that meets a passing fault is thrown back to the queue, and nothing is decided', () => {
    const broken = () => bucketInMemory(() => Promise.reject(new Error('SlowDown')));
    test.each<[string, () => unknown]>([
      ['of the image host', () => Object.assign(images, { '/0.png': { status: 503 } })],
      ['of the bucket', () => Object.assign(bucket, broken())],
      ['of the table, reading', () => table.failOnce('get', 'before')],
      ['of the table, writing', () => table.failOnce('conclude', 'before')],
    ])('%s', async (_, breaks) => {
      const record = await begun();
      breaks();

      await expect(handle(record.id, completed('/0.png'))).rejects.toThrow();
      expect((await read(record))?.status).toBe('pending');

      images = {};
      bucket = bucketInMemory();
      expect(await handle(record.id, completed('/0.png'))).toBe('completed');
    });

    test('of the answer to the write: the next try finds its own outcome', async () => {
      const record = await begun();
      table.failOnce('conclude', 'after');

      await expect(handle(record.id, completed('/0.png'))).rejects.toThrow('lost');
      expect(await handle(record.id, completed('/0.png'))).toBe('duplicate');
    });
  });
});
