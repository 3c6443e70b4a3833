/**
 * Checks a task whose end has not been heard of; between two checks nothing runs.
 * An outcome takes the way of every callback: it is put into the callbacks queue, signed. The task is checked on until
 * its record shows the outcome, because what was put there may still be lost.
 *
 *   ended, or gone        → done
 *   24 hours old          → failed: provider_timeout (an outcome that is under way is waited for)
 *   refused, overdue      → failed: provider_busy
 *   no provider id known  → later (a callback may still come)
 *   provider is asked     → an outcome: enqueued, and later · anything else: later
 */
import { callsBack } from '../../shared/providers/definitions.ts';
import type { Provider, Report } from '../../shared/providers/provider.ts';
import type { Reason } from '../../shared/runtime/metrics.ts';
import type { Telemetry } from '../../shared/runtime/telemetry.ts';
import type { Enqueue } from '../../shared/task/callback-queue.ts';
import { OPEN_AT_MOST_SECONDS } from '../../shared/task/life-cycle.ts';
import { requireKnownVersion } from '../../shared/task/read-record.ts';
import { hasEnded, type TaskError, type TaskRecord } from '../../shared/task/record.ts';
import type { TaskStore } from '../../shared/task/store.ts';
import type { Timer } from '../../shared/task/timers.ts';
import { assumedCharge, nothingCharged } from '../../shared/usage/charge.ts';
import { FORGOTTEN_AFTER, pauseAfterCheck } from './schedule.ts';

/** What is read of a record to check its task. */
export const checkedAttributes = [
  'id',
  'schema_version',
  'owner',
  'provider',
  'provider_task_id',
  'submission',
  'status',
  'progress',
  'created',
  'timer_chain',
  'archive_fault',
  'reported_at',
  'asked',
  'reservation',
] as const;

export type CheckedTask = Pick<TaskRecord, (typeof checkedAttributes)[number]>;

export interface CheckDependencies {
  readonly store: Pick<TaskStore, 'giveUp' | 'noteProgress'>;
  /** @returns nothing when the operator has set no key for this provider */
  readonly provider: (name: string) => Promise<Provider | undefined>;
  /** Puts a provider's answer into the callbacks queue. */
  readonly enqueue: Enqueue;
  readonly telemetry: Telemetry;
  readonly now: () => number;
  readonly overdueSeconds: number;
}

export type Checked =
  | { readonly kind: 'done'; readonly why: string }
  | { readonly kind: 'later'; readonly seconds: number; readonly enqueued?: number };

const READ_MS = 10_000;
const EMPTY_PATIENCE_SECONDS = 600;
const GIVE_UP_AGAIN_SECONDS = 10;

/** @param task as it is read now, or nothing when there is no such task (any more) */
export async function check(
  dependencies: CheckDependencies,
  task: CheckedTask | undefined,
  timer: Pick<Timer, 'attempt' | 'enqueued'>,
): Promise<Checked> {
  if (task) requireKnownVersion(task);
  if (!task || hasEnded(task.status)) return { kind: 'done', why: 'ended' };
  const age = Math.floor(dependencies.now() / 1000) - createdOf(task);
  const before = enqueuedBefore(task, timer);
  const reason = reasonToGiveUp(dependencies, task, age, before);
  if (reason) return giveUp(dependencies, task, reason);

  const provider = await dependencies.provider(task.provider);
  if (before > 0) dependencies.telemetry.count('OutcomeNotRecordedYet');
  const isKnownThere = task.provider_task_id !== undefined && age < FORGOTTEN_AFTER;
  const hasOutcome = isKnownThere && provider ? await ask(dependencies, task, provider) : false;
  const enqueued = before + (hasOutcome ? 1 : 0);
  const state = { age, attempt: timer.attempt, enqueued, callsBack: callsBack(task.provider) };
  const seconds = pauseAfterCheck(task, state);
  return { kind: 'later', seconds, ...(enqueued > 0 && { enqueued }) };
}

/** A record that somebody else has written may lack it, and a timer without a time would be sent for ever. */
function createdOf({ id, created }: CheckedTask): number {
  if (Number.isSafeInteger(created)) return created;
  throw new Error(`the record of ${id} does not say when it was created`);
}

/** How often an outcome was put into the callbacks queue. One that came by itself has left a note when it had to wait. */
function enqueuedBefore(task: CheckedTask, { enqueued }: Pick<Timer, 'enqueued'>): number {
  const hasCome = task.reported_at !== undefined || task.archive_fault !== undefined;
  return enqueued ?? (hasCome ? 1 : 0);
}

/** @returns whether the provider reported an outcome, which is in the callbacks queue now */
async function ask(
  { store, enqueue, telemetry, now }: CheckDependencies,
  task: CheckedTask,
  provider: Provider,
): Promise<boolean> {
  const providerTaskId = task.provider_task_id!;
  const read = await provider.read(providerTaskId, { timeoutMs: READ_MS });
  telemetry.count('StatusRead', read.kind);
  if (read.kind !== 'report') return false;
  const { status, progress } = read.report;
  if (isEmptyForNow(read.report, now() / 1000 - task.created)) return false;
  if (hasEnded(status)) {
    await enqueue({ kind: 'read', taskId: task.id, providerTaskId, answer: read.body });
    return true;
  }
  if (isNews(task, read.report)) await store.noteProgress(task.id, status, progress);
  return false;
}

/** A provider may say that a task is complete a moment before it says with what; what it says later is final. */
const isEmptyForNow = (report: Report, age: number): boolean =>
  report.status === 'completed' && report.content.length === 0 && age < EMPTY_PATIENCE_SECONDS;

const isNews = (task: CheckedTask, { status, progress }: Report): boolean =>
  status !== task.status || progress > task.progress;

/** Of our own: no provider has said so. */
type OwnError = TaskError & { readonly code: Reason<'TaskGivenUp'> };

const timeout: OwnError = {
  code: 'provider_timeout',
  message: 'The provider gave no outcome within 24 hours, after which it forgets the task',
  type: 'task_error',
};

const unrecorded: OwnError = {
  code: 'outcome_unrecorded',
  message: 'The provider reported an outcome, which could not be recorded within 15 days',
  type: 'task_error',
};

const busy: OwnError = {
  code: 'provider_busy',
  message: 'The provider took no task at the time, and the request was not sent again',
  type: 'task_error',
};

function reasonToGiveUp(
  { overdueSeconds }: CheckDependencies,
  task: CheckedTask,
  age: number,
  enqueued: number,
): OwnError | undefined {
  if (task.submission === 'refused') return age >= overdueSeconds ? busy : undefined;
  if (enqueued > 0) return age >= OPEN_AT_MOST_SECONDS ? unrecorded : undefined;
  return age >= FORGOTTEN_AFTER ? timeout : undefined;
}

/** If the record moved on meanwhile, the next check sees it as it is then. */
async function giveUp(
  { store, now, telemetry }: CheckDependencies,
  task: CheckedTask,
  error: OwnError,
): Promise<Checked> {
  const completed = Math.floor(now() / 1000);
  const charge = task.submission === 'refused' ? nothingCharged(task.asked) : assumedCharge(task.asked);
  const written = await store.giveUp(task.id, task.submission, { error, completed, charge }, task);
  if (written.kind === 'conflict') return { kind: 'later', seconds: GIVE_UP_AGAIN_SECONDS };
  telemetry.count('TaskGivenUp', error.code);
  if (task.submission === 'unconfirmed') {
    // Its create was never confirmed, and nobody can ask about it (docs/decisions/acceptances.md).
    telemetry.error('a task that may have been paid for was given up', {
      task: task.id,
      provider: task.provider,
    });
    telemetry.count('UnnamedTaskGivenUp');
  }
  return { kind: 'done', why: error.code };
}
