/**
 * Archives the images of a completion. A link that is dead is the host's word only while it is heard in time:
 *
 *   completed ──► the bucket refuses, again and again (noted, counted, alarm) ──► mended: kept
 *                                     └── 24 h: links die ──► not `gone`: the message goes on to the dead letters
 */
import type { Telemetry } from '../../shared/runtime/telemetry.ts';
import type { TaskRecord } from '../../shared/task/record.ts';
import type { TaskStore } from '../../shared/task/store.ts';
import { type Archive, type Archived, ArchiveFault, archiveImages } from './archive.ts';

export interface ArchiveInTimeDependencies {
  readonly store: Pick<TaskStore, 'noteArchiveFault'>;
  readonly archive: Archive;
  readonly telemetry: Telemetry;
  readonly now: () => number;
}

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
/** A bucket answers with a 5xx now and then. No link that was ever good dies so soon after. */
const PASSING_FAULT_SECONDS = 300;

/** Links have died while we could not keep what they led to: not the provider's fault, and not the end of the task. */
export class NotKeptInTime extends Error {
  override readonly name = 'NotKeptInTime';
}

/** @throws ArchiveFault, NotKeptInTime, ImageUnavailable: nothing is decided, and the queue tries again */
export async function archiveInTime(
  dependencies: ArchiveInTimeDependencies,
  record: TaskRecord,
  urls: readonly string[],
  { waitedMs, signal }: Attempt,
): Promise<Archived> {
  try {
    const keepsTruncated = waitedMs >= TRUNCATED_PATIENCE_MS;
    const archived = await archiveImages(dependencies.archive, record, urls, { keepsTruncated, signal });
    if (!archived.lost.some(({ reason }) => reason === 'gone') || isInTime(record, dependencies.now()))
      return archived;
    throw new NotKeptInTime('links died before their images could be kept');
  } catch (error) {
    if (error instanceof ArchiveFault || error instanceof NotKeptInTime)
      await noteFault(dependencies, record);
    throw error;
  }
}

function isInTime({ archive_fault: fault, created }: TaskRecord, now: number): boolean {
  const seconds = now / 1000;
  const faultPassed = fault === undefined || seconds - fault < PASSING_FAULT_SECONDS;
  return faultPassed && seconds - created < LINK_LIFETIME_SECONDS;
}

/** Loud from the first time on. The note on the record tells a later attempt why a link may be dead by then. */
async function noteFault(
  { store, telemetry, now }: ArchiveInTimeDependencies,
  record: TaskRecord,
): Promise<void> {
  telemetry.count('ImageNotKept');
  if (record.archive_fault !== undefined) return;
  try {
    await store.noteArchiveFault(record.id, Math.floor(now() / 1000));
  } catch (error) {
    telemetry.error('the fault of the archive could not be noted', { task: record.id, error });
  }
}
