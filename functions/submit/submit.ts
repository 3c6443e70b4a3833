/**
 * Takes a request to its task: intent before money.
 *
 *   decide (here)      limits ─► inspect the inputs ─► put the intent, which is the lock, and reserve
 *                                                      no record: 400, 402, 403, 422, 429, or the task there is
 *   create-task.ts     prepare ─► try                                            paid here, once
 *   record-create.ts   write what the provider said
 *
 * A crash after the intent leaves an `unconfirmed` record, which a callback, a read or the 24 hours resolve.
 */
import { randomUUID } from 'node:crypto';
import type { Violation } from '../../shared/models/model.ts';
import type { ImageRequest } from '../../shared/models/read-request.ts';
import { providerOf } from '../../shared/providers/definitions.ts';
import type { Caller } from '../../shared/security/api-keys.ts';
import { judgeRepeat, OPEN_AT_MOST_SECONDS } from '../../shared/task/life-cycle.ts';
import { type Asked, createdId, SCHEMA_VERSION, type TaskRecord } from '../../shared/task/record.ts';
import type { NotReserved } from '../../shared/task/write.ts';
import { type Hold, reservationOf } from '../../shared/usage/counters.ts';
import { askedOf, type Prices } from '../../shared/usage/prices.ts';
import { dayOf } from '../../shared/usage/rows.ts';
import { type Admission, type AdmitDependencies, admit } from './admit.ts';
import { type CreateDependencies, createTask } from './create-task.ts';
import { contended, type Denied, overBudget, tooManyAtOnce } from './denials.ts';
import { type AcceptedInput, type InputRules, inspectInputs } from './input-images.ts';
import { type RecordDependencies, type Recorded, recordCreate } from './record-create.ts';

export interface SubmitDependencies extends CreateDependencies, RecordDependencies, AdmitDependencies {
  readonly inputRules: InputRules;
  /** Whether the name in a `callback_url` leads to an address that may not be called. */
  readonly leadsInside: (callbackUrl: string) => Promise<boolean>;
  /** The id of an owner's request with this `Idempotency-Key`. */
  readonly taskIdForKey: (owner: string, idempotencyKey: string) => Promise<string>;
  /** An id that nobody had before. @param now milliseconds since 1970 */
  readonly freshTaskId: (now: number) => string;
  readonly retentionDays: number;
  readonly prices: Prices;
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
  | Denied
  | Exclude<Recorded, { kind: 'created' }>;

export async function submit(dependencies: SubmitDependencies, input: SubmitInput): Promise<Submitted> {
  const decision = await decide(dependencies, input);
  if (decision.kind !== 'create') return decision;
  const { record, inputs } = decision;

  const created = await createTask(dependencies, record, input.request, inputs);
  const recorded = await recordCreate(dependencies, record, created);
  return recorded.kind === 'created' ? { kind: 'task', record: recorded.record, replayed: false } : recorded;
}

/** Its intent is written and nobody else may create it; or there is nothing to create. */
type Decision =
  | { readonly kind: 'create'; readonly record: TaskRecord; readonly inputs: readonly AcceptedInput[] }
  | Exclude<Submitted, { kind: 'refused' | 'busy' }>;

async function decide(dependencies: SubmitDependencies, input: SubmitInput): Promise<Decision> {
  const record = await intentOf(dependencies, input);
  const existing = input.idempotencyKey ? await dependencies.store.get(record.id) : undefined;
  if (existing) return decideRepeat(dependencies, input, existing, record);

  const admission = await admit(dependencies, input.caller, record);
  if (admission.kind === 'denied') return admission;
  if (await leadsInside(dependencies, input)) return { kind: 'invalid', violation: INTERNAL_CALLBACK };
  const inspected = await acceptInputs(dependencies, input);
  if (inspected.kind === 'invalid') return inspected;
  const intent = withReservation(dependencies, input.caller, record, record.asked, admission.hold);
  const put = await dependencies.store.putIntent(intent, admission.hold);
  if (put.kind === 'conflict') return decideRepeat(dependencies, input, put.found!, intent, admission);
  if (put.kind !== 'written') return denialOf(dependencies, put, intent, admission.hold);
  return { kind: 'create', record: intent, inputs: inspected.inputs };
}

/** The id is taken: the same request gets the same task; only a refused one may be created (again). */
async function decideRepeat(
  dependencies: SubmitDependencies,
  input: SubmitInput,
  existing: TaskRecord,
  intent: TaskRecord,
  admitted?: Extract<Admission, { kind: 'admitted' }>,
): Promise<Decision> {
  const verdict = judgeRepeat(existing, input.request.hash);
  if (verdict === 'mismatch') return { kind: 'mismatch' };
  if (verdict === 'replay') return { kind: 'task', record: existing, replayed: true };

  const admission = admitted ?? (await admit(dependencies, input.caller, intent));
  if (admission.kind === 'denied') return admission;
  const inspected = await acceptInputs(dependencies, input);
  if (inspected.kind === 'invalid') return inspected;
  const { id, asked } = intent;
  const again = { ...existing, submission: 'unconfirmed' as const, attempt: newAttempt() };
  const record = withReservation(dependencies, input.caller, again, asked, admission.hold);
  const reopened = await dependencies.store.reopen(id, again.attempt, record, admission.hold);
  if (reopened.kind === 'conflict') {
    return { kind: 'task', record: reopened.found ?? existing, replayed: true };
  }
  if (reopened.kind !== 'written') return denialOf(dependencies, reopened, record, admission.hold);
  return { kind: 'create', record, inputs: inspected.inputs };
}

/** A record that went before its task ended would leave what it holds in the counters for ever. A day for the check that ends it. */
const RESERVED_KEPT_SECONDS = OPEN_AT_MOST_SECONDS + 86_400;

/** The record as it is written: with what it holds, where there is a budget or a limit on images at once. */
function withReservation<Task extends TaskRecord>(
  { now }: SubmitDependencies,
  { keyId }: Caller,
  record: Task & { readonly attempt: string },
  asked: Asked | undefined,
  hold: Hold,
): Task {
  const reservation = reservationOf(record.attempt, dayOf(now()), keyId, hold);
  if (!reservation) return record;
  const expires_at = Math.max(record.expires_at, record.created + RESERVED_KEPT_SECONDS);
  return { ...record, asked, reservation, expires_at };
}

function denialOf(
  { now }: SubmitDependencies,
  refused: NotReserved,
  { asked = { images: 0 } }: TaskRecord,
  { budget, imagesAtOnce }: Hold,
): Denied {
  if (refused.kind === 'contended') return contended();
  const { counter, row } = refused;
  if (counter === 'running') return tooManyAtOnce(asked, imagesAtOnce ?? 0, Number(row.images ?? 0));
  // What others settled since was not seen here: then there is room in the next try.
  return overBudget(budget ?? {}, asked, row, now()) ?? contended();
}

const INTERNAL_CALLBACK: Violation = {
  code: 'invalid_parameters',
  message: 'callback_url must not point to an internal address; its name leads to one',
  param: 'callback_url',
};

/** A name may lead elsewhere when the webhook is sent: then it is looked at again. */
const leadsInside = async (dependencies: SubmitDependencies, { request }: SubmitInput): Promise<boolean> =>
  request.callbackUrl !== undefined && (await dependencies.leadsInside(request.callbackUrl));

type Inspection =
  | { readonly kind: 'inputs'; readonly inputs: readonly AcceptedInput[] }
  | { readonly kind: 'invalid'; readonly violation: Violation };

async function acceptInputs(
  { inputRules }: SubmitDependencies,
  { request }: SubmitInput,
): Promise<Inspection> {
  const inputs: AcceptedInput[] = [];
  for (const image of await inspectInputs(request.images, inputRules)) {
    if (image.kind === 'refused') return { kind: 'invalid', violation: image.violation };
    inputs.push(image);
  }
  return { kind: 'inputs', inputs };
}

/** So many bits that no two attempts have the same. */
const newAttempt = (): string => randomUUID();

async function intentOf(
  { taskIdForKey, freshTaskId, retentionDays, prices, now }: SubmitDependencies,
  { caller, request, idempotencyKey }: SubmitInput,
): Promise<TaskRecord & { readonly attempt: string }> {
  // One moment: what is listed by its milliseconds is shown by its seconds.
  const moment = now();
  const id = idempotencyKey ? await taskIdForKey(caller.owner, idempotencyKey) : freshTaskId(moment);
  const created = Math.floor(moment / 1000);
  return {
    id,
    schema_version: SCHEMA_VERSION,
    owner: caller.owner,
    key_id: caller.keyId,
    created,
    created_id: createdId(moment, id),
    expires_at: created + retentionDays * 86_400,
    model: request.model.name,
    provider: providerOf(request.model.name),
    submission: 'unconfirmed',
    attempt: newAttempt(),
    status: 'pending',
    progress: 0,
    prompt: request.prompt,
    request_hash: request.hash,
    metadata: request.metadata,
    asked: askedOf(request, prices),
    ...(request.callbackUrl && { callback_url: request.callbackUrl }),
  };
}
