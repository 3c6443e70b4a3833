/** A callback with real parts: table, image host and archive; only the bucket is in memory. */
import { type Handled, handleCallback } from '../../../functions/callback/callback.ts';
import { encodeMessage, type OwnMessage, type QueuedMessage } from '../../../shared/task/callback-message.ts';
import type { TaskRecord } from '../../../shared/task/record.ts';
import { bucketInMemory } from '../../support/bucket.ts';
import { png } from '../../support/pictures.ts';
import { CREATED, taskRecord } from '../../support/records.ts';
import { type Answer, serve } from '../../support/server.ts';
import { signerWith } from '../../support/signers.ts';
import { openTables } from '../../support/tasks-table.ts';
import { keptTelemetry } from '../../support/telemetry.ts';
import { watched } from '../../support/watched-store.ts';

/** Half a second before the next second, to see that times are cut and not rounded up. */
const NOW = (CREATED + 30) * 1000 + 500;
const rules = {
  allowHttp: true,
  allowedRanges: ['127.0.0.0/8'],
  maxBytes: 100_000,
  timeoutMs: 1000,
  pausesMs: [],
};

export const failed = {
  ...{ id: 'p-1', status: 'failed', error: { code: 'content_policy_violation', message: 'No.' } },
};

export type CallingBack = Awaited<ReturnType<typeof callingBack>>;

export async function callingBack() {
  const tables = await openTables();
  let images: Record<string, Answer> = {};
  const server = await serve(({ path }) => images[path] ?? { body: png() });
  const dependencies = () => ({
    store: world.table.store,
    signer: signerWith(),
    telemetry: keptTelemetry(),
    now: () => NOW,
    archive: { s3: world.bucket.s3, bucket: 'images', rules, limit: <T>(work: () => Promise<T>) => work() },
  });
  const world = {
    ...{ tables, server, table: watched(tables.store), bucket: bucketInMemory() },
    /** Answers of the image host by path; every other path is a good image. */
    setImages: (answers: Record<string, Answer>) => {
      images = answers;
    },
    /** Forgets what was written, put and fetched; the table keeps its records. */
    reset() {
      images = {};
      server.seen.splice(0);
      Object.assign(world, { table: watched(tables.store), bucket: bucketInMemory() });
    },
    async created(changes: Partial<TaskRecord> = {}): Promise<TaskRecord> {
      const record = taskRecord(changes);
      await tables.store.putIntent(record);
      return record;
    },
    read: (record: TaskRecord) => tables.store.get(record.id),
    /** Everything that could have changed or left, since the last reset. */
    traces: () => ({ writes: world.table.writes(), puts: world.bucket.puts, fetches: server.seen }),
    /** EvoLink's word of a completion. */
    completed: (...paths: string[]) => ({
      ...{ id: 'p-1', status: 'completed', progress: 100, usage: { credits_reserved: 1.2 } },
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
      world.handleOwn({
        kind: 'read',
        taskId,
        providerTaskId: 'p-1',
        answer: Buffer.from(JSON.stringify(json)),
      }),
    async close() {
      await server.close();
      await tables.close();
    },
  };
  return world;
}
