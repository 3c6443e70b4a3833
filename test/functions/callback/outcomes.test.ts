/** How a callback ends a task on a real table: the images are kept first, then one write tells everything (promise 6). */
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

  describe('that completes a task', () => {
    test('records every image that is in the bucket, and everything that was said', async () => {
      const record = await begun({ submission: 'accepted', provider_task_id: 'p-1' });

      expect(await handle(record.id, completed('/0.png', '/1.png'))).toBe('completed');

      const after = await read(record);
      expect(after).toMatchObject({
        ...{ status: 'completed', progress: 100, completed: CREATED + 30, submission: 'accepted', lost: [] },
        ...{ usage: { credits_reserved: 1.2 }, provider_task_id: 'p-1' },
        output: [
          { type: 'image', index: 0 },
          { type: 'image', index: 1 },
        ],
      });
      expect(after?.images?.map(({ key }) => key).sort()).toEqual(bucket.puts.map(({ key }) => key).sort());
      expect(after).not.toHaveProperty('error');
    });

    test('before the create response names the provider task', async () => {
      const record = await begun();
      expect(await handle(record.id, completed('/0.png'))).toBe('completed');
      expect(await read(record)).toMatchObject({
        status: 'completed',
        submission: 'accepted',
        provider_task_id: 'p-1',
      });
    });

    test('is written only after the images are kept', async () => {
      const record = await begun();
      let atPut: TaskRecord | undefined;
      bucket = bucketInMemory(async () => {
        atPut = await read(record);
      });

      await handle(record.id, completed('/0.png'));

      expect(atPut?.status).toBe('pending');
    });

    test('with some images lost lists them, and the rest completes it', async () => {
      images = { '/1.png': { status: 404 }, '/2.png': { body: '<html>' } };
      const record = await begun();

      expect(await handle(record.id, completed('/0.png', '/1.png', '/2.png'))).toBe('completed');

      expect(await read(record)).toMatchObject({
        images: [{ index: 0 }],
        lost: [
          { index: 1, reason: 'gone' },
          { index: 2, reason: 'not_an_image' },
        ],
      });
    });

    test('with every image lost has failed, and says why', async () => {
      images = { '/0.png': { status: 404 } };
      const record = await begun();
      const word = {
        ...completed('/0.png'),
        results: [`${server.url}/0.png`, 'http://169.254.169.254/1.png'],
      };

      expect(await handle(record.id, word)).toBe('failed');

      expect(await read(record)).toMatchObject({
        ...{ status: 'failed', lost: [{ reason: 'gone' }, { reason: 'forbidden_address' }] },
        error: { code: 'results_lost', message: expect.stringContaining('gone, forbidden_address') },
      });
      expect(await handle(record.id, word)).toBe('duplicate');
    });

    test('by texts and images keeps their order, images counted as in the archive', async () => {
      const record = await begun({ provider: 'vtrix', model: 'wan26_i2i' });
      const url = (path: string) => ({ type: 'image', url: `${server.url}${path}` });
      const content = [
        { type: 'text', text: '从前' },
        url('/0.png'),
        { type: 'text', text: 'The end' },
        url('/1.png'),
      ];

      await handle(record.id, { id: 'p-1', status: 'completed', output: [{ content }] }, { isRead: true });

      const after = await read(record);
      expect(after?.output).toEqual([
        { type: 'text', text: '从前' },
        { type: 'image', index: 0 },
        { type: 'text', text: 'The end' },
        { type: 'image', index: 1 },
      ]);
      expect(after?.images?.map(({ index }) => index)).toEqual([0, 1]);
    });

    test('by texts alone is a completion', async () => {
      const record = await begun({ provider: 'vtrix' });
      const word = {
        id: 'p-1',
        status: 'completed',
        output: [{ content: [{ type: 'text', text: '从前' }] }],
      };
      expect(await handle(record.id, word)).toBe('completed');
      expect(await read(record)).toMatchObject({ images: [], output: [{ type: 'text', text: '从前' }] });
    });

    test('by a status read that brought nothing has failed: there is nobody left to ask', async () => {
      const record = await begun({ provider: 'vtrix' });
      const word = { id: 'p-1', status: 'completed', output: [] };
      expect(await handle(record.id, word, { isRead: true })).toBe('failed');
      expect(await read(record)).toMatchObject({
        status: 'failed',
        error: { code: 'generation_failed_no_content' },
      });
    });
  });

  describe('that fails a task', () => {
    test.each([
      ['a failure', failed, 'content_policy_violation'],
      ['a cancellation', { id: 'p-1', status: 'cancelled' }, 'request_cancelled'],
      ['a failure without a word', { id: 'p-1', status: 'failed' }, 'unknown_error'],
    ])('%s is recorded with its code, and nothing is fetched', async (_, word, code) => {
      const record = await begun();

      expect(await handle(record.id, { ...word, results: [`${server.url}/0.png`] })).toBe('failed');

      expect(await read(record)).toMatchObject({ status: 'failed', error: { code }, images: [], output: [] });
      expect([bucket.puts, server.seen]).toEqual([[], []]);
    });
  });
});
