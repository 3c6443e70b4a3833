/** Writes what the provider said to the create onto the record. */

import { callsBack } from '../../shared/providers/definitions.ts';
import type { Telemetry } from '../../shared/runtime/telemetry.ts';
import type { Within } from '../../shared/runtime/within.ts';
import type { OwnMessage } from '../../shared/task/callback-message.ts';
import type { Enqueue } from '../../shared/task/callback-queue.ts';
import type { TaskError, TaskRecord } from '../../shared/task/record.ts';
import { fittingReserved } from '../../shared/task/size-budget.ts';
import type { Acceptance, End, TaskStore } from '../../shared/task/store.ts';
import type { Written } from '../../shared/task/write.ts';
import { nothingCharged } from '../../shared/usage/charge.ts';
import type { TaskCreated } from './create-task.ts';

export interface RecordDependencies {
  readonly store: TaskStore;
  /** Puts a message of ours into the callbacks queue. */
  readonly enqueue: Enqueue;
  readonly telemetry: Telemetry;
  readonly now: () => number;
  /** Waits no longer than this for the table or the queue. */
  readonly within: Within;
}

/** What the caller is to be told. */
export type Recorded =
  /** The provider has the task, or may have it. */
  | { readonly kind: 'created'; readonly record: TaskRecord }
  /** A final no. `status` is the HTTP status. */
  | { readonly kind: 'refused'; readonly status: number; readonly error: TaskError }
  /** A passing no: certainly nothing was created. */
  | { readonly kind: 'busy'; readonly retryAfterSeconds: number };

type Accepted = Extract<TaskCreated, { kind: 'accepted' }>;

const RETRY_AFTER_SECONDS = 5;

export async function recordCreate(
  dependencies: RecordDependencies,
  record: TaskRecord,
  created: TaskCreated,
): Promise<Recorded> {
  const { now } = dependencies;
  switch (created.kind) {
    case 'accepted':
      return { kind: 'created', record: await keepAcceptance(dependencies, record, created) };
    case 'unconfirmed':
      return { kind: 'created', record };
    case 'refused': {
      const { status, error } = created;
      const completed = Math.floor(now() / 1000);
      await keepRefusal(dependencies, record, { error, completed, charge: nothingCharged(record.asked) });
      return { kind: 'refused', status, error };
    }
    case 'busy':
      await keepRefusal(dependencies, record);
      return { kind: 'busy', retryAfterSeconds: created.retryAfterSeconds ?? RETRY_AFTER_SECONDS };
  }
}

/**
 * The provider has the task, and here only is its id known. It goes two ways, so that neither a broken table nor the
 * death of this function loses it (docs/decisions/acceptances.md):
 *
 *   provider calls back    write ──► done      write ✗──► queue       (or its callback names the task)
 *   it never does          queue ──► write                            (nobody else would ever name it)
 *
 * @returns the record as it is now, as far as we know
 */
async function keepAcceptance(
  dependencies: RecordDependencies,
  record: TaskRecord,
  created: Accepted,
): Promise<TaskRecord> {
  const { telemetry } = dependencies;
  const { id, provider } = record;
  const acceptance = acceptanceOf(created);
  const message = { kind: 'acceptance', taskId: id, acceptance } as const;
  const isEarly = !callsBack(provider) && (await enqueueIfPossible(dependencies, message));
  const written = await writeAcceptance(dependencies, record, acceptance);
  if (!written && !isEarly && !(await enqueueIfPossible(dependencies, message))) {
    const { providerTaskId } = created;
    telemetry.error('the provider has a task whose id could not be kept', {
      task: id,
      provider,
      providerTaskId,
    });
    telemetry.count('AcceptanceLost');
  }
  if (created.outcome) {
    const { providerTaskId, outcome: answer } = created;
    await enqueueIfPossible(dependencies, { kind: 'read', taskId: id, providerTaskId, answer });
  }
  return written ?? withAcceptance(record, acceptance);
}

const acceptanceOf = ({ providerTaskId, estimatedTime, usage }: Accepted): Acceptance => ({
  provider_task_id: providerTaskId,
  estimated_time: estimatedTime,
  // As the record will hold it: the message to the queue then fits too.
  reserved: usage === undefined ? undefined : fittingReserved(usage),
});

const withAcceptance = (record: TaskRecord, { provider_task_id, ...optional }: Acceptance): TaskRecord => ({
  ...record,
  submission: 'accepted',
  provider_task_id,
  ...(optional.estimated_time !== undefined && { estimated_time: optional.estimated_time }),
  ...(optional.reserved !== undefined && { reserved: optional.reserved }),
});

/** @returns the record as the table has it, or nothing when it could not be written */
async function writeAcceptance(
  dependencies: RecordDependencies,
  record: TaskRecord,
  acceptance: Acceptance,
): Promise<TaskRecord | undefined> {
  const { store, telemetry } = dependencies;
  const accepted = withAcceptance(record, acceptance);
  const written = await writeIfPossible(dependencies, record, () => store.accept(record.id, acceptance));
  if (written?.kind !== 'conflict') return written && accepted;
  telemetry.count('AcceptanceContradicted');
  telemetry.error('a callback named another provider task than the create', { task: record.id });
  return written.found ?? accepted;
}

/**
 * Certainly nothing was created. Where that cannot be written, it goes by the queue: else the task would be `unconfirmed` for
 * 24 hours, could not be tried again, and would be charged in the end what it has reserved.
 */
async function keepRefusal(dependencies: RecordDependencies, record: TaskRecord, final?: End): Promise<void> {
  const { id: taskId, attempt = '' } = record;
  const written = await writeIfPossible(dependencies, record, () => dependencies.store.refuse(record, final));
  if (!written) await enqueueIfPossible(dependencies, { kind: 'refusal', taskId, attempt, final });
}

/** What is left of the function's time behind the answer's deadline, for a write and, if that hangs, for the queue. */
const WRITE_MS = 2000;
const ENQUEUE_MS = 1500;

/**
 * The provider has answered; a table that fails now must not make the caller believe otherwise and pay again.
 * The record stays `unconfirmed`, which the queue, the callback or the overdue check resolves.
 */
async function writeIfPossible(
  { telemetry, within }: RecordDependencies,
  { id }: TaskRecord,
  write: () => Promise<Written>,
): Promise<Written | undefined> {
  try {
    return await within(WRITE_MS, write());
  } catch (error) {
    telemetry.error('the create could not be recorded', { task: id, error });
    telemetry.count('CreateUnrecorded');
    return undefined;
  }
}

/** @returns whether the queue has it */
async function enqueueIfPossible(
  { enqueue, telemetry, within }: RecordDependencies,
  message: OwnMessage,
): Promise<boolean> {
  try {
    await within(ENQUEUE_MS, enqueue(message));
    return true;
  } catch (error) {
    telemetry.error('a message could not be put into the callbacks queue', {
      task: message.taskId,
      kind: message.kind,
      error,
    });
    return false;
  }
}
