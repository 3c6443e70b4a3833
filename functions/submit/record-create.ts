/** Writes what the provider said to the create onto the record. */
import type { Telemetry } from '../../shared/runtime/telemetry.ts';
import type { TaskError, TaskRecord } from '../../shared/task/record.ts';
import type { TaskStore, Written } from '../../shared/task/store.ts';
import type { TaskCreated } from './create-task.ts';

export interface RecordDependencies {
  readonly store: TaskStore;
  readonly telemetry: Telemetry;
  readonly now: () => number;
}

/** What the caller is to be told. */
export type Recorded =
  /** The provider has the task, or may have it. */
  | { readonly kind: 'created'; readonly record: TaskRecord }
  /** A final no. `status` is the HTTP status. */
  | { readonly kind: 'refused'; readonly status: number; readonly error: TaskError }
  /** A passing no: certainly nothing was created. */
  | { readonly kind: 'busy'; readonly retryAfterSeconds: number };

const RETRY_AFTER_SECONDS = 5;

export async function recordCreate(
  dependencies: RecordDependencies,
  record: TaskRecord,
  created: TaskCreated,
): Promise<Recorded> {
  const { store, now } = dependencies;
  switch (created.kind) {
    case 'accepted':
      return { kind: 'created', record: await writeAcceptance(dependencies, record, created) };
    case 'unconfirmed':
      return { kind: 'created', record };
    case 'refused': {
      const { status, error } = created;
      const completed = Math.floor(now() / 1000);
      await writeIfPossible(dependencies, record, () => store.refuse(record.id, { error, completed }));
      return { kind: 'refused', status, error };
    }
    case 'busy':
      await writeIfPossible(dependencies, record, () => store.refuse(record.id));
      return { kind: 'busy', retryAfterSeconds: created.retryAfterSeconds ?? RETRY_AFTER_SECONDS };
  }
}

/** @returns the record as it is now, as far as we know */
async function writeAcceptance(
  dependencies: RecordDependencies,
  record: TaskRecord,
  { providerTaskId, estimatedTime, usage }: Extract<TaskCreated, { kind: 'accepted' }>,
): Promise<TaskRecord> {
  const { store, telemetry } = dependencies;
  const accepted: TaskRecord = {
    ...record,
    submission: 'accepted',
    provider_task_id: providerTaskId,
    ...(estimatedTime !== undefined && { estimated_time: estimatedTime }),
    ...(usage !== undefined && { reserved: usage }),
  };
  const acceptance = { provider_task_id: providerTaskId, estimated_time: estimatedTime, reserved: usage };
  const written = await writeIfPossible(dependencies, record, () => store.accept(record.id, acceptance));
  if (written?.kind !== 'conflict') return accepted;
  telemetry.count('AcceptanceContradicted');
  telemetry.error('a callback named another provider task than the create', { task: record.id });
  return written.found ?? accepted;
}

/**
 * The provider has answered; a table that fails now must not make the caller believe otherwise and pay again.
 * The record stays `unconfirmed`, which the callback or the overdue check resolves.
 */
async function writeIfPossible(
  { telemetry }: RecordDependencies,
  { id }: TaskRecord,
  write: () => Promise<Written>,
): Promise<Written | undefined> {
  try {
    return await write();
  } catch (error) {
    telemetry.error('the create could not be recorded', { task: id, error });
    telemetry.count('CreateUnrecorded');
    return undefined;
  }
}
