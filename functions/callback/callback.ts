/**
 * What a callback does to its task. `check` puts what it read into the same queue, so every outcome comes this way.
 *
 *   signature ─► parse ─► record ─► judge ─► fetch, inspect, keep every image ─► one conditional write
 *   (nothing is believed, read or written before the signature holds)
 */
import { MAX_ANSWER_BYTES } from '../../shared/providers/http.ts';
import {
  type CompletedReport,
  type FailedReport,
  isProgress,
  type Report,
} from '../../shared/providers/provider.ts';
import type { ReportReader } from '../../shared/providers/registry.ts';
import type { Signer } from '../../shared/security/signer.ts';
import {
  type CallbackMessage,
  decodeMessage,
  type QueuedMessage,
} from '../../shared/task/callback-message.ts';
import { judge, type Verdict } from '../../shared/task/life-cycle.ts';
import type { Outcome, TaskRecord } from '../../shared/task/record.ts';
import type { TaskStore } from '../../shared/task/store.ts';
import { type ArchiveInTimeDependencies, type Attempt, archiveInTime } from './archive-in-time.ts';
import { completedOutcome, failedOutcome } from './outcome.ts';

export interface CallbackDependencies extends ArchiveInTimeDependencies {
  readonly store: TaskStore;
  readonly readReport: ReportReader;
  readonly signer: Signer;
}

/** How a callback ends; each is acknowledged. What may pass is thrown, and the queue tries again. */
export type Handled =
  | 'completed'
  | 'failed'
  | 'progress'
  | 'accepted'
  | Exclude<Verdict, 'open'>
  | 'oversized'
  | 'forged'
  | 'malformed'
  /** Completed, but nothing to fetch: the overdue check will read the task itself. */
  | 'without_results';

export async function handleCallback(
  dependencies: CallbackDependencies,
  queued: QueuedMessage,
  attempt: Attempt,
): Promise<Handled> {
  const message = decodeMessage(dependencies.signer, queued);
  if (!message) return 'forged';
  return message.kind === 'acceptance'
    ? recordAcceptance(dependencies, message)
    : handleReport(dependencies, message, attempt);
}

/** The provider's id, which the function that heard it could not be certain to have recorded. */
async function recordAcceptance(
  { store, telemetry }: CallbackDependencies,
  { taskId, acceptance }: Extract<CallbackMessage, { kind: 'acceptance' }>,
): Promise<Handled> {
  const written = await store.accept(taskId, acceptance);
  if (written.kind === 'written') return 'accepted';
  if (!written.found) return 'unknown';
  telemetry.count('AcceptanceContradicted');
  telemetry.error('a callback named another provider task than the create', { task: taskId });
  return 'foreign';
}

async function handleReport(
  dependencies: CallbackDependencies,
  message: Exclude<CallbackMessage, { kind: 'acceptance' }>,
  attempt: Attempt,
): Promise<Handled> {
  // A read's size was limited in bytes when it came; as text it may be longer.
  if (message.kind === 'callback' && Buffer.byteLength(message.body) > MAX_ANSWER_BYTES) return 'oversized';
  const record = await dependencies.store.get(message.taskId);
  if (!record) return 'unknown';
  const report = await reportIn(dependencies, record.provider, message);
  if (!report) return 'malformed';
  // After a read there is nobody left to ask for what it lacks.
  if (report.status === 'completed' && report.content.length === 0 && message.kind === 'callback')
    return 'without_results';
  return applyReport(dependencies, record, report, attempt);
}

/** A read is about the id that was asked for, whatever its body says. */
async function reportIn(
  { readReport }: CallbackDependencies,
  provider: string,
  message: Exclude<CallbackMessage, { kind: 'acceptance' }>,
): Promise<Report | undefined> {
  if (message.kind === 'callback') return readReport(provider, message.body);
  const report = await readReport(provider, message.answer.toString());
  return report && { ...report, providerTaskId: message.providerTaskId };
}

async function applyReport(
  dependencies: CallbackDependencies,
  record: TaskRecord,
  report: Report,
  attempt: Attempt,
): Promise<Handled> {
  const reported = { status: report.status, provider_task_id: report.providerTaskId };
  const verdict = judge(record, reported);
  if (isProgress(report)) {
    if (verdict === 'open') await dependencies.store.noteProgress(record.id, report.status, report.progress);
    return verdict === 'foreign' ? verdict : 'progress';
  }
  if (verdict !== 'open') return verdict;

  const outcome = await outcomeOf(dependencies, record, report, attempt);
  const written = await dependencies.store.conclude(record.id, outcome);
  if (written.kind === 'written') return outcome.status;
  // Somebody was quicker while we fetched: the same outcome again, or a contradiction.
  const later = judge(written.found, reported);
  return later === 'open' ? 'foreign' : later;
}

async function outcomeOf(
  dependencies: CallbackDependencies,
  record: TaskRecord,
  report: CompletedReport | FailedReport,
  attempt: Attempt,
): Promise<Outcome> {
  const seconds = () => Math.floor(dependencies.now() / 1000);
  if (report.status === 'failed') return failedOutcome(report, seconds());
  const urls = report.content.flatMap((item) => (item.type === 'image' ? [item.url] : []));
  const archived = await archiveInTime(dependencies, record, urls, attempt);
  return completedOutcome(report, archived, seconds());
}
