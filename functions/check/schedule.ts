/**
 * When a task is checked next, from its age and from how often it was checked.
 *
 *   calls back    15 min ─► 30 min ─► 1 h ─► 2 h ─► 4 h ─► 8 h ─► … ─► 23 h 50 min ─► 24 h: given up
 *   never does    10 s ─► 20 s ─► 35 s ─► 55 s ─► … every 2 min  ─► … ─► 23 h 50 min ─► 24 h: given up
 */
import type { TaskRecord } from '../../shared/task/record.ts';

/** After so many seconds a provider forgets a task (docs/providers.md). */
export const FORGOTTEN_AFTER = 86_400;
/** The last read comes a little earlier. */
const LAST_READ_AT = FORGOTTEN_AFTER - 600;

/** Seconds between reads of a provider that never calls back. */
const READ_PAUSES = [10, 15, 20, 30, 60, 120];
/** Seconds between reads when a callback is overdue: a few until the provider forgets the task. */
const OVERDUE_PAUSES = [900, 1800, 3600, 7200, 14_400];

export interface CheckState {
  /** Seconds since the task was created. */
  readonly age: number;
  /** Which check this was, from 1 on. */
  readonly attempt: number;
  /** How often an outcome was put into the callbacks queue, this time included. */
  readonly enqueued: number;
  readonly callsBack: boolean;
}

/** @returns seconds until the next check */
export function pauseAfterCheck(
  task: Pick<TaskRecord, 'submission' | 'provider_task_id'>,
  state: CheckState,
): number {
  const pause = plannedPause(task, state);
  if (state.age >= FORGOTTEN_AFTER) return pause;
  const end = state.age < LAST_READ_AT ? LAST_READ_AT : FORGOTTEN_AFTER;
  return Math.min(pause, end - state.age);
}

function plannedPause(
  { submission, provider_task_id }: Pick<TaskRecord, 'submission' | 'provider_task_id'>,
  { attempt, enqueued, callsBack }: CheckState,
): number {
  // The outcome is under way: the record shows it within seconds, or the callbacks queue is in trouble.
  if (enqueued > 0) return nth(OVERDUE_PAUSES, enqueued);
  if (submission === 'refused') return nth(READ_PAUSES, attempt);
  if (callsBack) return nth(OVERDUE_PAUSES, attempt);
  // A create may take longer than the first wait; later than that there is nothing to read without an id.
  return provider_task_id ? nth(READ_PAUSES, attempt) : nth([...READ_PAUSES, ...OVERDUE_PAUSES], attempt);
}

const nth = (pauses: readonly number[], count: number): number => pauses[Math.min(count, pauses.length) - 1]!;
