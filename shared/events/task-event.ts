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
}

/** EventBridge takes 256 kB an entry; room is left for the envelope. */
const MOST_BYTES = 240 * 1024;

/** The event that a record in this state stands for. */
export function taskEvent(record: TaskRecord, task: PublicTask): TaskEvent {
  const outcome: 'created' | EndStatus = hasEnded(record.status) ? record.status : 'created';
  const at = record.completed ?? record.created;
  const detail = {
    version: '1' as const,
    id: `${record.id}:${outcome}`,
    occurred_at: new Date(at * 1000).toISOString(),
    owner: record.owner,
    task,
  };
  return { detailType: detailTypes[outcome], detail: fitted(detail) };
}

const detailTypes = {
  created: names.TASK_CREATED,
  completed: names.TASK_COMPLETED,
  failed: names.TASK_FAILED,
};

/** Very long texts, or a very long usage, stay out of the event: it keeps its images, and they are one query away. */
function fitted(detail: TaskEventDetail): TaskEventDetail {
  const withoutTexts = { ...detail, task: { ...detail.task, output: [] } };
  const fits = (lighter: TaskEventDetail) => Buffer.byteLength(JSON.stringify(lighter)) <= MOST_BYTES;
  const withoutUsage = { ...withoutTexts, task: { ...withoutTexts.task, usage: null } };
  return [detail, withoutTexts].find(fits) ?? withoutUsage;
}
