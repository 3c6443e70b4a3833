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
  type AcceptanceMessage,
  type CallbackMessage,
  decodeMessage,
  type QueuedMessage,
  type RefusalMessage,
} from '../../shared/task/callback-message.ts';
import { judge, type Verdict } from '../../shared/task/life-cycle.ts';
import { hasEnded, type Outcome, type TaskRecord } from '../../shared/task/record.ts';
import type { TaskStore } from '../../shared/task/store.ts';
import type { Written } from '../../shared/task/write.ts';
import { type ArchiveInTimeDependencies, archiveInTime } from './archive-in-time.ts';
import { AttemptNotes } from './attempt-notes.ts';
import { type NoteDependencies, noteUnfinished } from './note-unfinished.ts';
import { completedOutcome, failedOutcome } from './outcome.ts';

export interface CallbackDependencies extends ArchiveInTimeDependencies, NoteDependencies {
  readonly store: TaskStore;
  readonly readReport: ReportReader;
  readonly signer: Signer;
}

/** What a provider says of its task. */
type ReportMessage = Exclude<CallbackMessage, AcceptanceMessage | RefusalMessage>;

/** How a callback ends; each is acknowledged. What may pass is thrown, and the queue tries again. */
export type Handled =
  | 'completed'
  | 'failed'
  | 'progress'
  | 'accepted'
  | 'refused'
  /** A refusal of an attempt that is not the record's any more, or that the record shows already. */
  | 'superseded'
  | Exclude<Verdict, 'open'>
  | 'oversized'
  | 'forged'
  | 'malformed'
  /** Completed, but nothing to fetch: the overdue check will read the task itself. */
  | 'without_results';

export async function handleCallback(
  dependencies: CallbackDependencies,
  queued: QueuedMessage,
  signal?: AbortSignal,
): Promise<Handled> {
  const message = decodeMessage(dependencies.signer, queued);
  if (!message) return 'forged';
  if (message.kind === 'acceptance') return recordAcceptance(dependencies, message);
  if (message.kind === 'refusal') return recordRefusal(dependencies, message);
  return handleReport(dependencies, message, { sentMs: queued.sentMs, signal });
}

/** What an attempt to handle a message knows of itself. */
interface Attempt {
  /** When the queue got the message. */
  readonly sentMs: number | undefined;
  readonly signal: AbortSignal | undefined;
}

/** The provider's id, which the function that heard it could not be certain to have recorded. */
async function recordAcceptance(
  { store, telemetry }: CallbackDependencies,
  { taskId, acceptance }: AcceptanceMessage,
): Promise<Handled> {
  const written = await store.accept(taskId, acceptance);
  if (written.kind === 'written') return 'accepted';
  if (!written.found) return 'unknown';
  telemetry.count('AcceptanceContradicted');
  telemetry.error('a callback named another provider task than the create', { task: taskId });
  return 'foreign';
}

/** That nothing was created, which the function that heard it could not be certain to have recorded. */
async function recordRefusal(
  { store }: CallbackDependencies,
  { taskId, attempt, final }: RefusalMessage,
): Promise<Handled> {
  const record = await store.get(taskId);
  if (!record) return 'unknown';
  const written = await store.refuse({ ...record, attempt }, final);
  return written.kind === 'written' ? 'refused' : 'superseded';
}

async function handleReport(
  dependencies: CallbackDependencies,
  message: ReportMessage,
  attempt: Attempt,
): Promise<Handled> {
  // A read's size was limited in bytes when it came; as text it may be longer.
  if (message.kind === 'callback' && Buffer.byteLength(message.body) > MAX_ANSWER_BYTES) return 'oversized';
  const record = await dependencies.store.get(message.taskId);
  if (!record) return 'unknown';
  const report = await reportIn(dependencies, record, message);
  if (!report) return 'malformed';
  // After a read there is nobody left to ask for what it lacks.
  if (report.status === 'completed' && report.content.length === 0 && message.kind === 'callback') {
    await learnId(dependencies, record, report);
    return 'without_results';
  }
  return applyReport(dependencies, record, report, attempt);
}

/** What is not the end yet may still be the only word that we ever get of the task's id: with it the task can be read. */
async function learnId({ store }: CallbackDependencies, record: TaskRecord, report: Report): Promise<void> {
  if (record.provider_task_id !== undefined || hasEnded(record.status)) return;
  await store.accept(record.id, { provider_task_id: report.providerTaskId });
}

/** A read is about the id that was asked for, whatever its body says; a callback about ours, if it names it at all. */
async function reportIn(
  { readReport }: CallbackDependencies,
  { provider, provider_task_id: known }: TaskRecord,
  message: ReportMessage,
): Promise<Report | undefined> {
  if (message.kind === 'callback') {
    const report = await readReport(provider, message.body);
    return report && known !== undefined && report.otherId === known
      ? { ...report, providerTaskId: known }
      : report;
  }
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
    if (verdict === 'open') {
      await learnId(dependencies, record, report);
      await dependencies.store.noteProgress(record.id, report.status, report.progress);
    }
    return verdict === 'foreign' ? verdict : 'progress';
  }
  if (verdict !== 'open') return verdict;

  const { written, outcome } = await concluded(dependencies, record, report, attempt);
  if (written.kind === 'written') {
    tellOfLateImages(dependencies, record, outcome);
    return outcome.status;
  }
  // Somebody was quicker while we fetched: the same outcome again, or a contradiction.
  const later = judge(written.found, reported);
  return later === 'open' ? 'foreign' : later;
}

/** @throws what keeps the outcome from being recorded for now; what the next attempt must know is noted then */
async function concluded(
  dependencies: CallbackDependencies,
  record: TaskRecord,
  report: CompletedReport | FailedReport,
  { sentMs, signal }: Attempt,
): Promise<{ readonly written: Written; readonly outcome: Outcome }> {
  const urls = report.status === 'failed' ? [] : urlsIn(report);
  const notes = new AttemptNotes(record, urls);
  const seconds = () => Math.floor(dependencies.now() / 1000);
  try {
    const outcome =
      report.status === 'failed'
        ? failedOutcome(record, report, seconds())
        : completedOutcome(
            record,
            report,
            await archiveInTime(dependencies, record, urls, notes, signal),
            seconds(),
          );
    const heard = { ...outcome, ...(sentMs !== undefined && { heard_ms: sentMs }) };
    return { written: await conclude(dependencies, record, heard), outcome };
  } catch (error) {
    await noteUnfinished(dependencies, record, report.providerTaskId, notes, error);
    throw error;
  }
}

/** How often the reservation may change under one conclusion; a repeat of the request that was refused changes it. */
const MOST_CONCLUSIONS = 3;

/** Settles the reservation that the record has now, when it is another one than was read. */
async function conclude(
  { store }: CallbackDependencies,
  record: TaskRecord,
  outcome: Outcome,
): Promise<Written> {
  let read = record;
  for (let nth = 1; ; nth++) {
    const written = await store.conclude(record.id, outcome, read);
    if (written.kind === 'written' || !written.found || nth === MOST_CONCLUSIONS) return written;
    const isOther = written.found.reservation?.attempt !== read.reservation?.attempt;
    if (!isOther || hasEnded(written.found.status)) return written;
    read = written.found;
  }
}

const urlsIn = ({ content }: CompletedReport): string[] =>
  content.flatMap((item) => (item.type === 'image' ? [item.url] : []));

/** A task that has ended without images that could have been had: our fault, and no try is left that would tell. */
function tellOfLateImages({ telemetry }: CallbackDependencies, { id }: TaskRecord, { lost }: Outcome): void {
  const late = lost.filter(({ reason }) => reason === 'not_kept_in_time');
  if (late.length === 0) return;
  telemetry.count('ImageNotKeptInTime');
  telemetry.error('images were lost because they were not kept in time', {
    task: id,
    images: late.map(({ index }) => index),
  });
}
