/**
 * The life of a task, as decisions on plain values.
 *
 *   (intent) pending/unconfirmed ──accepted──► pending/accepted ──┐
 *      │    ▲                                                     ├─outcome─► completed | failed   (the first one wins)
 *      │    └─reopened by the same Idempotency-Key─┐              │
 *      ├──refused for now──► pending/refused ──────┴──nobody came─┤
 *      ├──refused for good─────────────────────────────────────► failed
 *      └──a callback may overtake the acceptance──────────────────┘
 */
import { hasEnded, RESULTS_LOST, type Status, type TaskRecord } from './record.ts';

/**
 * So many seconds after its creation a task has ended, whatever happens. A dead letter is kept for 14 days: until then an
 * outcome that was enqueued may still be put back and recorded.
 */
export const OPEN_AT_MOST_SECONDS = 15 * 86_400;

/** What a provider's report about a task means, given what we know. */
export type Verdict =
  /** The task is open: this may end it. */
  | 'open'
  /** It ended this way already. */
  | 'duplicate'
  /** It ended the other way: the first outcome stays. */
  | 'contradiction'
  /** The report is about another task of the provider's. */
  | 'foreign'
  /** We have no such task. */
  | 'unknown';

/** What a report says of a task, in the record's names. */
export interface Reported {
  readonly status: Status;
  readonly provider_task_id?: string | undefined;
}

/** Judges a provider's report against the record. */
export function judge(record: TaskRecord | undefined, reported: Reported): Verdict {
  if (!record) return 'unknown';
  const { provider_task_id: known } = record;
  if (known && reported.provider_task_id && known !== reported.provider_task_id) return 'foreign';
  if (!hasEnded(record.status)) return 'open';
  return reportedEnd(record) === reported.status ? 'duplicate' : 'contradiction';
}

/** What the provider reported at the end: a completion whose images were all lost is recorded as a failure. */
const reportedEnd = ({ status, error }: TaskRecord): Status =>
  error?.code === RESULTS_LOST ? 'completed' : status;

/** What a second request with the same `Idempotency-Key` is. */
export type Repeat = 'replay' | 'retry' | 'mismatch';

/** `retry` only where it is certain that nothing was created (promise 2). */
export function judgeRepeat(existing: TaskRecord, requestHash: string): Repeat {
  if (existing.request_hash !== requestHash) return 'mismatch';
  return isRefusedForNow(existing) ? 'retry' : 'replay';
}

/** Nothing was created, and the same request may still be. */
export const isRefusedForNow = ({ submission, status }: Pick<TaskRecord, 'submission' | 'status'>): boolean =>
  submission === 'refused' && status === 'pending';
