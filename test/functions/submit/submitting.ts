/** A submit with real dependencies but for the provider, the bucket and the clock. */
import { type SubmitDependencies, submit } from '../../../functions/submit/submit.ts';
import type { Provider } from '../../../shared/providers/provider.ts';
import { within } from '../../../shared/runtime/within.ts';
import type { OwnMessage } from '../../../shared/task/callback-message.ts';
import { freshTaskId, taskIdForKey } from '../../../shared/task/ids.ts';
import { usageStore } from '../../../shared/usage/usage-table.ts';
import { bucketInMemory } from '../../support/bucket.ts';
import { CREATED } from '../../support/records.ts';
import { accepted, textToImage } from '../../support/requests.ts';
import { signerWith } from '../../support/signers.ts';
import type { TestTables } from '../../support/tasks-table.ts';
import { keptTelemetry } from '../../support/telemetry.ts';
import { watched } from '../../support/watched-store.ts';

export const caller = { owner: 'acme', keyId: 'key-1' };
export const START = CREATED * 1000;

/** @param provider nothing: the operator has set no key */
export function submitting(
  tables: TestTables,
  provider: Provider | undefined,
  own: Partial<SubmitDependencies> = {},
) {
  const clock = { now: START, pauses: [] as number[] };
  const table = watched(tables.store);
  const telemetry = keptTelemetry();
  const bucket = bucketInMemory();
  const enqueued: OwnMessage[] = [];
  const dependencies: SubmitDependencies = {
    store: table.store,
    usage: usageStore(tables.client, tables.usage),
    inputs: { s3: bucket.s3, bucket: 'images' },
    telemetry,
    inputRules: { fetch: false, allowedRanges: [] },
    leadsInside: async () => false,
    provider: async () => provider,
    enqueue: async (message) => void enqueued.push(message),
    signer: signerWith(),
    taskIdForKey: async (owner, key) => taskIdForKey('root-secret', owner, key),
    freshTaskId,
    publicUrl: 'https://api.example.com',
    retentionDays: 90,
    prices: {},
    now: () => clock.now,
    pause: async (ms) => {
      clock.pauses.push(ms);
      clock.now += ms;
    },
    within,
    deadline: START + 25_000,
    ...own,
  };
  const run = (body: unknown = textToImage(), idempotencyKey?: string) =>
    submit(dependencies, { caller, request: accepted(body), idempotencyKey });
  return { dependencies, table, telemetry, bucket, clock, enqueued, run };
}
