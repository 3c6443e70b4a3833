/** A callback with real dependencies: table, image host and archive; only the bucket is in memory. */
import { afterAll, beforeAll, beforeEach } from 'vitest';
import { type Handled, handleCallback } from '../../../functions/callback/callback.ts';
import { readReport } from '../../../shared/providers/registry.ts';
import { encodeMessage, type OwnMessage, type QueuedMessage } from '../../../shared/task/callback-message.ts';
import type { TaskRecord } from '../../../shared/task/record.ts';
import { bucketInMemory } from '../../support/bucket.ts';
import { png } from '../../support/pictures.ts';
import { CREATED, taskRecord } from '../../support/records.ts';
import { type Answer, type ScriptedServer, serve } from '../../support/server.ts';
import { signerWith } from '../../support/signers.ts';
import { openTables, type TestTables } from '../../support/tasks-table.ts';
import { keptTelemetry } from '../../support/telemetry.ts';
import { type WatchedStore, watched } from '../../support/watched-store.ts';

/** Half a second before the next second, to see that times are cut and not rounded up. */
const NOW = (CREATED + 30) * 1000 + 500;
const rules = {
  allowHttp: true,
  allowedRanges: ['127.0.0.0/8'],
  maxBytes: 100_000,
  timeoutMs: 60_000,
  pausesMs: [],
};

/** Our key at the provider, which may quote it. */
export const PROVIDER_KEY = 'our-key/at+the-provider';

export const failed = {
  id: 'p-1',
  status: 'failed',
  error: { code: 'content_policy_violation', message: 'No.' },
};

/** One harness for the tests of a `describe`; reset before each of them. */
export function useCallbackHarness() {
  let tables: TestTables;
  let server: ScriptedServer;
  let images: Record<string, Answer> = {};
  beforeAll(async () => {
    tables = await openTables();
    server = await serve(({ path }) => images[path] ?? { body: png() });
  });
  afterAll(async () => {
    await server.close();
    await tables.close();
  });
  beforeEach(() => harness.reset());

  const dependencies = () => ({
    store: harness.table.store,
    readReport: async (provider: string, text: string) => readReport(provider, text, PROVIDER_KEY),
    signer: signerWith(),
    telemetry: harness.telemetry,
    now: () => harness.now,
    archive: { s3: harness.bucket.s3, bucket: 'images', rules, limit: <T>(work: () => Promise<T>) => work() },
  });

  const harness = {
    table: undefined as unknown as WatchedStore,
    bucket: bucketInMemory(),
    telemetry: keptTelemetry(),
    now: NOW,
    get tables() {
      return tables;
    },
    get server() {
      return server;
    },
    /** Answers of the image host by path; every other path is a good image. */
    setImages: (answers: Record<string, Answer>) => {
      images = answers;
    },
    /** Forgets what was written, put, fetched and counted; the table keeps its records. */
    reset() {
      images = {};
      server.seen.splice(0);
      harness.table = watched(tables.store);
      harness.bucket = bucketInMemory();
      harness.telemetry = keptTelemetry();
      harness.now = NOW;
    },
    async created(changes: Partial<TaskRecord> = {}): Promise<TaskRecord> {
      const record = taskRecord(changes);
      await tables.store.putIntent(record);
      return record;
    },
    read: (record: TaskRecord) => tables.store.get(record.id),
    /** Everything that could have changed or left, since the last reset. */
    traces: () => ({ writes: harness.table.writes(), puts: harness.bucket.puts, fetches: server.seen }),
    /** EvoLink's report of a completion. */
    completed: (...paths: string[]) => ({
      id: 'p-1',
      status: 'completed',
      progress: 100,
      usage: { credits_reserved: 1.2 },
      results: paths.map((path) => `${server.url}${path}`),
    }),
    /** Signed as the provider would call, unless the test says otherwise. */
    handle: (taskId: string, json: unknown, own: Partial<QueuedMessage> = {}): Promise<Handled> =>
      handleCallback(dependencies(), {
        taskId,
        signature: signerWith().callback(taskId),
        body: typeof json === 'string' ? json : JSON.stringify(json),
        ...own,
      }),
    /** What one of our functions put into the queue. */
    handleOwn: (message: OwnMessage): Promise<Handled> =>
      handleCallback(dependencies(), encodeMessage(signerWith(), message)),
    /** A status read of the provider task `p-1`. */
    handleRead: (taskId: string, json: unknown): Promise<Handled> =>
      harness.handleOwn({
        kind: 'read',
        taskId,
        providerTaskId: 'p-1',
        answer: Buffer.from(JSON.stringify(json)),
      }),
  };
  return harness;
}
