/** Ends a page by its bytes: Lambda takes 6 MB of an answer, in which the body is a JSON string of its own. */
import type { TaskRecord } from '../../shared/task/record.ts';
import type { TaskPage } from './list-tasks.ts';

/** What the envelope around the tasks takes is far less than the rest. */
const MAX_BYTES = 5_500_000;

export interface ShownPage {
  readonly data: readonly unknown[];
  /** The `created_id` to go on after; absent on the last page. */
  readonly next?: string | undefined;
}

/** As many of the tasks as fit, but at least one: a record has 400 kB at the most. */
export function fitPage(
  { records, next }: TaskPage,
  show: (record: TaskRecord) => unknown,
  maxBytes = MAX_BYTES,
): ShownPage {
  const data: unknown[] = [];
  let room = maxBytes;
  for (const [index, record] of records.entries()) {
    const task = show(record);
    room -= answerBytes(task);
    if (room < 0 && index > 0) return { data, next: records[index - 1]!.created_id };
    data.push(task);
  }
  return { data, next };
}

/** What a task takes in the answer: the body's JSON, escaped as a string; and a comma. */
const answerBytes = (task: unknown): number => Buffer.byteLength(JSON.stringify(JSON.stringify(task))) + 1;
