/** Records what the provider said to the create, and makes the caller's answer of it. */
import type { Created } from '../../shared/providers/provider.ts';
import type { TaskRecord } from '../../shared/task/record.ts';
import type { Written } from '../../shared/task/store.ts';
import type { SubmitParts, Submitted } from './submit.ts';

type Parts = Pick<SubmitParts, 'store' | 'telemetry' | 'now'>;

const RETRY_AFTER_SECONDS = 5;

export async function recordCreated(parts: Parts, record: TaskRecord, created: Created): Promise<Submitted> {
  switch (created.kind) {
    case 'accepted':
      return { kind: 'task', record: await accepted(parts, record, created), replayed: false };
    case 'unconfirmed':
      return { kind: 'task', record, replayed: false };
    case 'refused':
      await written(parts, record, () =>
        parts.store.refuse(record.id, { error: created.error, completed: Math.floor(parts.now() / 1000) }),
      );
      return { kind: 'refused', status: created.status, error: created.error };
    case 'busy':
      await written(parts, record, () => parts.store.refuse(record.id));
      return { kind: 'busy', retryAfterSeconds: created.retryAfterSeconds ?? RETRY_AFTER_SECONDS };
  }
}

async function accepted(
  parts: Parts,
  record: TaskRecord,
  { providerTaskId, estimatedTime, usage }: Extract<Created, { kind: 'accepted' }>,
): Promise<TaskRecord> {
  const acceptance = { provider_task_id: providerTaskId, estimated_time: estimatedTime, reserved: usage };
  const known = {
    ...record,
    provider_task_id: providerTaskId,
    submission: 'accepted' as const,
    ...(estimatedTime !== undefined && { estimated_time: estimatedTime }),
    ...(usage && { reserved: usage }),
  };
  const result = await written(parts, record, () => parts.store.accept(record.id, acceptance));
  if (result?.kind === 'conflict') {
    parts.telemetry.count('AcceptanceContradicted');
    parts.telemetry.error('a callback named another provider task than the create', { task: record.id });
  }
  return result?.kind === 'conflict' ? (result.found ?? known) : known;
}

/**
 * The provider has spoken; a table that fails now must not make the caller believe otherwise and pay again.
 * The record stays `unconfirmed`, which the callback or the overdue check resolves.
 */
async function written(
  parts: Parts,
  { id }: TaskRecord,
  write: () => Promise<Written>,
): Promise<Written | undefined> {
  try {
    return await write();
  } catch (error) {
    parts.telemetry.error('the create could not be recorded', { task: id, error });
    parts.telemetry.count('CreateUnrecorded');
    return undefined;
  }
}
