/** Records as the tasks table holds them, with only what a test is about spelt out. */
import { freshTaskId } from '../../shared/task/ids.ts';
import { createdId, type Outcome, type TaskRecord } from '../../shared/task/record.ts';

/** 2026-01-02T03:04:05Z, in seconds. */
export const CREATED = 1_767_323_045;

/** What a test changes; an undefined attribute is one that the record lacks. */
export type RecordChanges = { readonly [Name in keyof TaskRecord]?: TaskRecord[Name] | undefined };

/** A task right after its intent was written. */
export function taskRecord(changes: RecordChanges = {}): TaskRecord {
  const created = changes.created ?? CREATED;
  const id = changes.id ?? freshTaskId(created * 1000);
  return {
    id,
    owner: 'acme',
    key_id: 'key-1',
    created,
    created_id: createdId(created * 1000, id),
    expires_at: created + 90 * 86_400,
    model: 'wan2.5-text-to-image',
    provider: 'evolink',
    prompt: 'a red fox 红狐',
    submission: 'unconfirmed',
    status: 'pending',
    progress: 0,
    request_hash: 'f00d',
    metadata: {},
    ...changes,
  } as TaskRecord;
}

/** A completion without images. */
export function outcome(changes: Partial<Outcome> = {}): Outcome {
  return {
    status: 'completed',
    completed: CREATED + 30,
    provider_task_id: 'provider-1',
    images: [],
    lost: [],
    output: [],
    charge: { images: 0, amount: 0, source: 'none' },
    ...changes,
  };
}

/** An image as the archive describes it. */
export function keptImage(index: number) {
  return {
    index,
    width: 1280,
    height: 1280,
    bytes: 2_481_223,
    content_type: 'image/png',
    sha256: 'ab'.repeat(32),
    bucket: 'images',
    key: `images/acme/2026/01/02/task/${index}.png`,
  };
}
