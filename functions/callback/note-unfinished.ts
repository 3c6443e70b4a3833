/**
 * What a failed attempt leaves for the next, on the record: that there is an outcome at all, what is in the bucket of it,
 * what its host called gone, and whether it was our archive that failed. Written only when there is something new, and never on the happy path.
 */
import type { Telemetry } from '../../shared/runtime/telemetry.ts';
import type { TaskRecord, Unfinished } from '../../shared/task/record.ts';
import type { TaskStore } from '../../shared/task/store.ts';
import { ArchiveFault } from './archive.ts';
import { isInTime, NotKeptInTime } from './archive-in-time.ts';
import type { AttemptNotes } from './attempt-notes.ts';

export interface NoteDependencies {
  readonly store: Pick<TaskStore, 'noteUnfinished'>;
  readonly telemetry: Telemetry;
  readonly now: () => number;
}

/** A fault of ours is loud from the first time on. Throws nothing: the attempt has failed already. */
export async function noteUnfinished(
  { store, telemetry, now }: NoteDependencies,
  record: TaskRecord,
  providerTaskId: string,
  notes: AttemptNotes,
  failure: unknown,
): Promise<void> {
  const isOurs = failure instanceof ArchiveFault || failure instanceof NotKeptInTime;
  if (isOurs) telemetry.count('ImageNotKept');
  const news = newsFor(record, notes, isOurs, Math.floor(now() / 1000));
  if (Object.keys(news).length === 0) return;
  try {
    await store.noteUnfinished(record.id, providerTaskId, news);
  } catch (error) {
    telemetry.error('what an attempt leaves for the next could not be noted', { task: record.id, error });
  }
}

function newsFor(record: TaskRecord, notes: AttemptNotes, isOurs: boolean, seconds: number): Unfinished {
  const kept = notes.keptNews;
  const gone = isInTime(record, seconds) ? notes.goneNews : undefined;
  return {
    ...(record.reported_at === undefined && { reported_at: seconds }),
    ...(isOurs && record.archive_fault === undefined && { archive_fault: seconds }),
    ...(kept && { kept_images: kept }),
    ...(gone && { gone_images: gone }),
  };
}
