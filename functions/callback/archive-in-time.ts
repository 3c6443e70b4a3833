/**
 * Archives the images of a completion, and says what it means that one cannot be had. A link works for a day, and a host
 * that fails is asked again until then:
 *
 *   completed ──► a host fails, again and again (what is kept is noted) ──► last chance: kept, or lost as `unavailable`
 *
 * A link that is dead is the host's word only while it is heard in time:
 *
 *   completed ──► the bucket refuses, again and again (noted, counted, alarm) ──► mended: kept
 *                   └── links die ─┬─ some images are kept ──► they are the outcome, the others lost as `not_kept_in_time`
 *                                  └─ none is ──► no outcome: the message goes on to the dead letters
 */
import type { LostImage, TaskRecord } from '../../shared/task/record.ts';
import { type Archive, type Archived, archiveImages } from './archive.ts';
import type { AttemptNotes } from './attempt-notes.ts';

export interface ArchiveInTimeDependencies {
  readonly archive: Archive;
  readonly now: () => number;
}

/** A host that delivers a file cut short is asked again for that long; then what there is of it is kept. */
const TRUNCATED_PATIENCE_SECONDS = 600;
/** Result links work for 24 hours (docs/providers.md); what is gone later may have been there for long enough. */
const LINK_LIFETIME_SECONDS = 86_400;
/** However late a completion is heard of, a host that fails is asked for that long. */
const LEAST_PATIENCE_SECONDS = 3600;
/** Longer than the queue's longest pause and an attempt: one falls into it. */
const LAST_CHANCE_SECONDS = 900;
/** A bucket answers with a 5xx now and then. No link that was ever good dies so soon after. */
const PASSING_FAULT_SECONDS = 300;

/** Links have died while we could not keep what they led to: not the provider's fault, and not the end of the task. */
export class NotKeptInTime extends Error {
  override readonly name = 'NotKeptInTime';
}

/** @throws ArchiveFault, NotKeptInTime, ImageUnavailable: nothing is decided, and the queue tries again */
export async function archiveInTime(
  { archive, now }: ArchiveInTimeDependencies,
  record: TaskRecord,
  urls: readonly string[],
  notes: AttemptNotes,
  signal: AbortSignal | undefined,
): Promise<Archived> {
  const { images, lost } = await archiveImages(archive, record, urls, {
    notes,
    keepsTruncated: hasBeenTriedFor(record, TRUNCATED_PATIENCE_SECONDS, now() / 1000),
    isLastChance: isLastChance(record, now() / 1000),
    first: Math.floor(now() / 1000) % Math.max(urls.length, 1),
    signal,
  });
  const isDoubtful = ({ reason, index }: LostImage) =>
    (reason === 'gone' && !notes.wasGone(urls[index]!)) || reason === 'unavailable';
  if (!lost.some(isDoubtful) || isInTime(record, now() / 1000)) return { images, lost };
  if (images.length === 0) throw new NotKeptInTime('links died before their images could be kept');
  return { images, lost: lost.map((image) => (isDoubtful(image) ? { ...image, reason: LATE } : image)) };
}

const LATE = 'not_kept_in_time';

/** The first attempt that failed has left a note; however long its message waited before, the host was not asked. */
const hasBeenTriedFor = ({ reported_at: reported }: TaskRecord, wanted: number, seconds: number): boolean =>
  reported !== undefined && seconds - reported >= wanted;

/** Whether a host's word about a link still counts. */
export function isInTime(record: TaskRecord, seconds: number): boolean {
  const { archive_fault: fault, created, reported_at: reported } = record;
  const faultPassed = fault === undefined || seconds - fault < PASSING_FAULT_SECONDS;
  const wasHeardInTime = reported !== undefined && reported < created + LINK_LIFETIME_SECONDS;
  return faultPassed && seconds < (wasHeardInTime ? endOfPatience(record) : created + LINK_LIFETIME_SECONDS);
}

/** Never in the first attempt: what may pass is tried again, however late it is heard of. */
const isLastChance = (record: TaskRecord, seconds: number): boolean =>
  record.reported_at !== undefined && seconds >= endOfPatience(record) - LAST_CHANCE_SECONDS;

const endOfPatience = ({ created, reported_at: reported = 0 }: TaskRecord): number =>
  Math.max(created + LINK_LIFETIME_SECONDS, reported + LEAST_PATIENCE_SECONDS);
