/**
 * What a callback does to its task. `check` puts what it read into the same queue, so every outcome comes this way.
 *
 *   signature ─► parse ─► record ─► judge ─► fetch, inspect, keep every image ─► one conditional write
 *   (nothing is believed, read or written before the signature holds)
 */
import { MAX_ANSWER_BYTES } from '../../shared/providers/http.ts';
import {
  type CompletedReport,
  type ContentItem,
  type FailedReport,
  isProgress,
  type Report,
} from '../../shared/providers/provider.ts';
import type { ReportReader } from '../../shared/providers/registry.ts';
import type { Telemetry } from '../../shared/runtime/telemetry.ts';
import type { Signer } from '../../shared/security/signer.ts';
import {
  type CallbackMessage,
  decodeMessage,
  type QueuedMessage,
} from '../../shared/task/callback-message.ts';
import { judge, type Verdict } from '../../shared/task/life-cycle.ts';
import {
  type Outcome,
  type OutputItem,
  RESULTS_LOST,
  type TaskError,
  type TaskRecord,
} from '../../shared/task/record.ts';
import type { TaskStore } from '../../shared/task/store.ts';
import { type Archive, type Archived, ArchiveFault, archiveImages } from './archive.ts';

export interface CallbackDependencies {
  readonly store: TaskStore;
  readonly readReport: ReportReader;
  readonly archive: Archive;
  readonly signer: Signer;
  readonly telemetry: Telemetry;
  readonly now: () => number;
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

/** What the queue says of the message that is being handled. */
export interface Attempt {
  /** Since the message was sent, in milliseconds. */
  readonly waitedMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** A host that delivers a file cut short is asked again for that long; then what there is of it is kept. */
const TRUNCATED_PATIENCE_MS = 10 * 60_000;
/** Result links work for 24 hours (docs/providers.md); what is gone later may have been there for long enough. */
const LINK_LIFETIME_SECONDS = 86_400;

/** Links have died while we could not keep what they led to: not the provider's fault, and not the end of the task. */
export class NotKeptInTime extends Error {
  override readonly name = 'NotKeptInTime';
}

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
  const end = {
    completed: Math.floor(dependencies.now() / 1000),
    provider_task_id: report.providerTaskId,
    usage: report.usage,
  };
  if (report.status === 'failed') {
    return { ...end, status: 'failed', images: [], lost: [], output: [], error: report.error };
  }
  const urls = report.content.flatMap((item) => (item.type === 'image' ? [item.url] : []));
  const archived = withExcess(await archiveInTime(dependencies, record, urls, attempt), report);
  const kept = { ...end, ...archived, output: outputOf(report.content) };
  return isEmpty(report.content, archived)
    ? { ...kept, status: 'failed', error: nothingToShow(archived) }
    : { ...kept, status: 'completed' };
}

/**
 * A link that is dead is the host's word only while it is heard in time:
 *
 *   completed ──► the bucket refuses, again and again (noted, counted, alarm) ──► mended: kept
 *                                     └── 24 h: links die ──► not `gone`: the message goes on to the dead letters
 *
 * @throws ArchiveFault, NotKeptInTime, ImageUnavailable
 */
async function archiveInTime(
  dependencies: CallbackDependencies,
  record: TaskRecord,
  urls: readonly string[],
  { waitedMs, signal }: Attempt,
): Promise<Archived> {
  try {
    const keepsTruncated = waitedMs >= TRUNCATED_PATIENCE_MS;
    const archived = await archiveImages(dependencies.archive, record, urls, { keepsTruncated, signal });
    if (!archived.lost.some(({ reason }) => reason === 'gone') || isInTime(dependencies, record))
      return archived;
    throw new NotKeptInTime('links died before their images could be kept');
  } catch (error) {
    if (error instanceof ArchiveFault || error instanceof NotKeptInTime)
      await noteFault(dependencies, record);
    throw error;
  }
}

const isInTime = ({ now }: CallbackDependencies, record: TaskRecord): boolean =>
  record.archive_fault === undefined && now() / 1000 - record.created < LINK_LIFETIME_SECONDS;

/** Loud from the first time on. The note on the record tells a later attempt why a link may be dead by then. */
async function noteFault({ store, telemetry, now }: CallbackDependencies, record: TaskRecord): Promise<void> {
  telemetry.count('ImageNotKept');
  if (record.archive_fault !== undefined) return;
  try {
    await store.noteArchiveFault(record.id, Math.floor(now() / 1000));
  } catch (error) {
    telemetry.error('the fault of the archive could not be noted', { task: record.id, error });
  }
}

const withExcess = ({ images, lost }: Archived, report: CompletedReport): Archived => ({
  images,
  lost: [...lost, ...(report.lost ?? [])],
});

const isEmpty = (content: readonly ContentItem[], { images }: Archived): boolean =>
  images.length === 0 && !content.some(({ type }) => type === 'text');

function nothingToShow({ lost }: Archived): TaskError {
  const why = [...new Set(lost.map(({ reason }) => reason))].join(', ');
  return lost.length > 0
    ? {
        code: RESULTS_LOST,
        message: `None of the provider's images can be had: ${why}`,
        type: 'task_error',
      }
    : {
        code: 'generation_failed_no_content',
        message: 'The provider completed the task without any result',
        type: 'task_error',
      };
}

/** Images are counted in the provider's order, as they are in the archive. */
function outputOf(content: readonly ContentItem[]): OutputItem[] {
  let index = 0;
  return content.map((item) => (item.type === 'text' ? item : { type: 'image', index: index++ }));
}
