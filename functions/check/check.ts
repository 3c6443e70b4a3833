/**
 * Checks a task whose end has not been heard of; between two attempts nothing runs.
 * An outcome takes the way of every callback: it is put into the callbacks queue, signed like one.
 *
 *   ended, or gone        → done
 *   24 hours old          → failed: provider_timeout (provider_busy, if the provider never took it)
 *   refused, overdue      → failed: provider_busy
 *   no provider id known  → later (a callback may still come)
 *   provider is asked     → an outcome: enqueued, done · anything else: later
 */
import { callsBack } from '../../shared/providers/definitions.ts';
import type { Provider, Report } from '../../shared/providers/provider.ts';
import type { Telemetry } from '../../shared/runtime/telemetry.ts';
import type { Enqueue } from '../../shared/task/callback-queue.ts';
import { hasEnded, type TaskError, type TaskRecord } from '../../shared/task/record.ts';
import type { TaskStore } from '../../shared/task/store.ts';

export interface CheckDependencies {
  readonly store: TaskStore;
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
  | { readonly kind: 'later'; readonly seconds: number };

const DAY = 86_400;
const READ_MS = 10_000;

/** Seconds between reads of a provider that never calls back. */
const READ_PAUSES = [10, 15, 20, 30, 60, 120];
/** Seconds between reads when a callback is overdue: a few until the provider forgets the task. */
const OVERDUE_PAUSES = [900, 1800, 3600, 7200, 14_400];

/** @param attempt how often this task was checked, this time included */
export async function check(
  dependencies: CheckDependencies,
  taskId: string,
  attempt: number,
): Promise<Checked> {
  const record = await dependencies.store.get(taskId);
  if (!record || hasEnded(record.status)) return { kind: 'done', why: 'ended' };
  const age = Math.floor(dependencies.now() / 1000) - record.created;
  const reason = reasonToGiveUp(dependencies, record, age);
  if (reason) return giveUp(dependencies, record, reason);

  const provider = await dependencies.provider(record.provider);
  const read = record.provider_task_id && provider ? await ask(dependencies, record, provider) : undefined;
  if (read === 'enqueued') return { kind: 'done', why: read };
  return { kind: 'later', seconds: Math.min(pauseBefore(record, attempt), Math.max(1, DAY - age)) };
}

async function ask({ store, enqueue, telemetry }: CheckDependencies, record: TaskRecord, provider: Provider) {
  const providerTaskId = record.provider_task_id!;
  const read = await provider.read(providerTaskId, { timeoutMs: READ_MS });
  telemetry.count('StatusRead', read.kind);
  if (read.kind !== 'report') return undefined;
  const { status, progress } = read.report;
  if (hasEnded(status)) {
    await enqueue({ kind: 'read', taskId: record.id, providerTaskId, answer: read.body });
    return 'enqueued';
  }
  if (isNews(record, read.report)) await store.noteProgress(record.id, status, progress);
  return undefined;
}

const isNews = (record: TaskRecord, { status, progress }: Report): boolean =>
  status !== record.status || progress > record.progress;

/** A create may take longer than the first wait: a task without an id is checked as soon as one with an id. */
function pauseBefore(record: TaskRecord, attempt: number): number {
  const soon = !callsBack(record.provider) || record.submission === 'refused';
  const pauses = soon ? READ_PAUSES : OVERDUE_PAUSES;
  return pauses[Math.min(attempt, pauses.length) - 1]!;
}

const timeout: TaskError = {
  code: 'provider_timeout',
  message: 'The provider gave no outcome within 24 hours, after which it forgets the task',
  type: 'task_error',
};

const busy: TaskError = {
  code: 'provider_busy',
  message: 'The provider took no task at the time, and the request was not sent again',
  type: 'task_error',
};

function reasonToGiveUp(
  { overdueSeconds }: CheckDependencies,
  record: TaskRecord,
  age: number,
): TaskError | undefined {
  if (record.submission === 'refused') return age >= overdueSeconds ? busy : undefined;
  return age >= DAY ? timeout : undefined;
}

/** If the record moved on meanwhile, the next attempt sees it as it is then. */
async function giveUp(
  { store, now, telemetry }: CheckDependencies,
  record: TaskRecord,
  error: TaskError,
): Promise<Checked> {
  const completed = Math.floor(now() / 1000);
  const written = await store.giveUp(record.id, record.submission, { error, completed });
  if (written.kind === 'conflict') return { kind: 'later', seconds: READ_PAUSES[0]! };
  telemetry.count('TaskGivenUp', error.code);
  return { kind: 'done', why: error.code };
}
