/** The events, as everyone on the bus reads them (README, "Events"). */

import type { PublicTask } from '../task/public-task.ts';
import { type EndStatus, hasEnded, type TaskRecord } from '../task/record.ts';
import * as names from './names.ts';

export interface TaskEvent {
  readonly detailType: string;
  readonly detail: TaskEventDetail;
}

export interface TaskEventDetail {
  readonly version: '1';
  /** `<task id>:<created|completed|failed>`: the same however often the event comes; consumers dedupe on it. */
  readonly id: string;
  /** ISO 8601 */
  readonly occurred_at: string;
  readonly owner: string;
  readonly task: PublicTask;
  /** The fields of the task that were left out, because the event was too large: read the task itself to have them. */
  readonly omitted?: readonly string[];
}

/** EventBridge takes 256 kB an entry; room is left for the envelope. */
const MOST_BYTES = 240 * 1024;

/** The event that a record in this state stands for. */
export function taskEvent(record: TaskRecord, task: PublicTask): TaskEvent {
  const outcome = outcomeOf(record);
  const at = record.completed ?? record.created;
  const detail: TaskEventDetail = {
    version: '1',
    id: taskEventId(record),
    occurred_at: new Date(at * 1000).toISOString(),
    owner: record.owner,
    task,
  };
  return { detailType: detailTypes[outcome], detail: fitted(detail) };
}

/** Also the `webhook-id` of its webhook. */
export const taskEventId = (record: Pick<TaskRecord, 'id' | 'status'>): string =>
  `${record.id}:${outcomeOf(record)}`;

const outcomeOf = ({ status }: Pick<TaskRecord, 'status'>): 'created' | EndStatus =>
  hasEnded(status) ? status : 'created';

const detailTypes = {
  created: names.TASK_CREATED,
  completed: names.TASK_COMPLETED,
  failed: names.TASK_FAILED,
};

/** What is left out of an event that does not fit, one after the other, and what stands in its place. */
const omissible: readonly (readonly [keyof PublicTask, Partial<PublicTask>])[] = [
  ['output', { output: [] }],
  ['usage', { usage: null }],
  ['lost', {}],
  // Of these no record of ours holds so much; a record that somebody else wrote must not stop the stream.
  ['metadata', { metadata: {} }],
  ['prompt', { prompt: '' }],
  ['images', { images: [] }],
  ['results', { results: [] }],
  ['error', { error: null }],
];

/** The event with as much of its task as fits; the task itself is one query away. */
function fitted(whole: TaskEventDetail): TaskEventDetail {
  let detail = whole;
  for (const [name, standIn] of omissible) {
    if (Buffer.byteLength(JSON.stringify(detail)) <= MOST_BYTES) return detail;
    const { [name]: _, ...rest } = detail.task;
    detail = {
      ...detail,
      task: { ...rest, ...standIn } as PublicTask,
      omitted: [...(detail.omitted ?? []), name],
    };
  }
  return detail;
}
