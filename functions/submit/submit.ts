/**
 * Takes a request and creates its task: intent before money.
 *
 *   look at the inputs ─► 1 put the record ─► 2 create at the provider ─► 3 record what it said ─► answer
 *        400: no record        (the lock)          paid here, once
 *
 * A crash between 1 and 3 leaves an `unconfirmed` record, which a callback, a read or the 24 hours resolve.
 */

import type { Violation } from '../../shared/models/model.ts';
import type { ImageRequest } from '../../shared/models/read-request.ts';
import { providerOf } from '../../shared/providers/definitions.ts';
import { unauthorized as providerUnauthorized } from '../../shared/providers/http.ts';
import type { Created, Provider } from '../../shared/providers/provider.ts';
import type { Telemetry } from '../../shared/runtime/telemetry.ts';
import type { Caller } from '../../shared/security/api-keys.ts';
import type { Signer } from '../../shared/security/signer.ts';
import { freshTaskId } from '../../shared/task/ids.ts';
import { judgeRepeat } from '../../shared/task/life-cycle.ts';
import { createdId, type TaskError, type TaskRecord } from '../../shared/task/record.ts';
import type { TaskStore } from '../../shared/task/store.ts';
import { createOnce } from './create-task.ts';
import { type InputRules, type Looked, lookAtInputs } from './input-images.ts';
import { addressesOf, type InputStore } from './input-store.ts';
import { recordCreated } from './record-create.ts';

export interface SubmitParts {
  readonly store: TaskStore;
  readonly inputs: InputStore;
  readonly inputRules: InputRules;
  /** @returns nothing when the operator has set no key for this provider */
  readonly provider: (name: string) => Promise<Provider | undefined>;
  readonly signer: Signer;
  /** The id of an owner's request with this `Idempotency-Key`. */
  readonly taskIdForKey: (owner: string, idempotencyKey: string) => Promise<string>;
  readonly publicUrl: string;
  readonly retentionDays: number;
  readonly telemetry: Telemetry;
  readonly now: () => number;
  readonly pause: (ms: number) => Promise<void>;
  readonly deadline: number;
}

export interface SubmitInput {
  readonly caller: Caller;
  readonly request: ImageRequest;
  readonly idempotencyKey?: string | undefined;
}

/** How a submission ends. Everything but a fault is one of these. */
export type Submitted =
  | { readonly kind: 'task'; readonly record: TaskRecord; readonly replayed: boolean }
  | { readonly kind: 'invalid'; readonly violation: Violation }
  /** Same `Idempotency-Key`, other request. */
  | { readonly kind: 'mismatch' }
  | { readonly kind: 'refused'; readonly status: number; readonly error: TaskError }
  | { readonly kind: 'busy'; readonly retryAfterSeconds: number };

export async function submit(parts: SubmitParts, input: SubmitInput): Promise<Submitted> {
  const record = await intent(parts, input);
  const repeated = input.idempotencyKey ? await parts.store.get(record.id) : undefined;
  if (repeated) return repeat(parts, input, repeated);

  const looked = await lookAtInputs(input.request.images, parts.inputRules);
  const refused = firstViolation(looked);
  if (refused) return refused;

  const put = await parts.store.putIntent(record);
  if (put.kind === 'conflict') return repeat(parts, input, put.found!);
  return createAndRecord(parts, input, record, looked);
}

function firstViolation(looked: readonly Looked[]): Submitted | undefined {
  const refused = looked.find((image) => 'violation' in image);
  return refused && { kind: 'invalid', violation: refused.violation };
}

async function intent(
  { taskIdForKey, retentionDays, now }: SubmitParts,
  input: SubmitInput,
): Promise<TaskRecord> {
  const { caller, request, idempotencyKey } = input;
  const id = idempotencyKey ? await taskIdForKey(caller.owner, idempotencyKey) : freshTaskId(now());
  const created = Math.floor(now() / 1000);
  return {
    ...{ id, owner: caller.owner, key_id: caller.keyId, created, created_id: createdId(now(), id) },
    expires_at: created + retentionDays * 86_400,
    ...{ model: request.model.name, provider: providerOf(request.model.name), prompt: request.prompt },
    ...{ submission: 'unconfirmed', status: 'pending', progress: 0 },
    ...{ request_hash: request.hash, metadata: request.metadata },
    ...(request.callbackUrl && { callback_url: request.callbackUrl }),
  };
}

/** The id is taken: the same request gets the same task; only a refused one may be created (again). */
async function repeat(parts: SubmitParts, input: SubmitInput, existing: TaskRecord): Promise<Submitted> {
  const verdict = judgeRepeat(existing, input.request.hash);
  if (verdict === 'mismatch') return { kind: 'mismatch' };
  if (verdict === 'replay') return { kind: 'task', record: existing, replayed: true };

  const looked = await lookAtInputs(input.request.images, parts.inputRules);
  const refused = firstViolation(looked);
  if (refused) return refused;
  const reopened = await parts.store.reopen(existing.id);
  if (reopened.kind === 'conflict')
    return { kind: 'task', record: reopened.found ?? existing, replayed: true };
  return createAndRecord(parts, input, { ...existing, submission: 'unconfirmed' }, looked);
}

async function createAndRecord(
  parts: SubmitParts,
  { request }: SubmitInput,
  record: TaskRecord,
  looked: readonly Looked[],
): Promise<Submitted> {
  const created = await create(parts, request, record, looked);
  parts.telemetry.count('TaskSubmitted', created.kind);
  parts.telemetry.info('submitted', {
    ...{ task: record.id, owner: record.owner, model: record.model, outcome: created.kind },
    ...('why' in created && { why: created.why }),
  });
  return recordCreated(parts, record, created);
}

async function create(
  parts: SubmitParts,
  request: ImageRequest,
  record: TaskRecord,
  looked: readonly Looked[],
): Promise<Created> {
  let provider: Provider | undefined;
  let body: unknown;
  try {
    provider = await parts.provider(record.provider);
    if (!provider) return providerUnauthorized;
    body = request.model.withImages(request.body, await addressesOf(parts.inputs, record, looked));
  } catch (error) {
    // Nothing has left for the provider yet, so the caller may simply try again.
    parts.telemetry.error('the create could not be prepared', { task: record.id, error });
    return { kind: 'busy', why: 'the create could not be prepared' };
  }
  const callbackUrl = `${parts.publicUrl}/v1/callbacks/${record.id}/${parts.signer.callback(record.id)}`;
  return createOnce(provider, body, callbackUrl, parts);
}
