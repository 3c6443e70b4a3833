/** Reads the events that Wanhook puts on the bus: as EventBridge gives them to a function, or as a queue carries them. */
import type { Task } from './task.ts';

export const EVENT_SOURCE = 'wanhook';

/** The outcomes of a task, and the `detail-type` of the event of each. */
export const detailTypes = {
  created: 'Image Task Created',
  completed: 'Image Task Completed',
  failed: 'Image Task Failed',
} as const;

export type Outcome = keyof typeof detailTypes;

/** The `detail` of an event. */
export interface TaskEventDetail {
  readonly version: '1';
  /** `<task id>:<outcome>`, the same however often the event comes: what a consumer remembers to take each once. */
  readonly id: string;
  /** ISO 8601 */
  readonly occurred_at: string;
  readonly owner: string;
  readonly task: Task;
  /** The fields of the task that did not fit into the event: `get` the task to have them. */
  readonly omitted?: readonly string[];
}

/** An event, with its outcome to tell them apart by. */
export type TaskEvent =
  | (TaskEventDetail & { readonly outcome: 'created' })
  | (TaskEventDetail & { readonly outcome: 'completed'; readonly task: { readonly status: 'completed' } })
  | (TaskEventDetail & { readonly outcome: 'failed'; readonly task: { readonly status: 'failed' } });

/** What was read is no event of Wanhook's, or one of a version that this client does not know. */
export class InvalidEventError extends Error {
  override readonly name = 'InvalidEventError';
}

/**
 * @param event EventBridge's event, parsed or as text; an SQS message's body is such a text
 * @throws InvalidEventError that says what is wrong with it
 */
export function parseEvent(event: unknown): TaskEvent {
  const envelope = objectOf(typeof event === 'string' ? parsed(event) : event, 'the event');
  if (envelope.source !== EVENT_SOURCE) throw new InvalidEventError(`source must be ${EVENT_SOURCE}`);
  const outcome = outcomeOf(envelope['detail-type']);
  const detail = objectOf(envelope.detail, 'detail');
  if (detail.version !== '1') {
    const found = JSON.stringify(detail.version);
    throw new InvalidEventError(`detail.version must be "1" and is ${found}: a later client may know it`);
  }
  for (const name of ['id', 'occurred_at', 'owner']) {
    if (typeof detail[name] !== 'string') throw new InvalidEventError(`detail.${name} must be a string`);
  }
  const task = objectOf(detail.task, 'detail.task');
  if (typeof task.id !== 'string') throw new InvalidEventError('detail.task.id must be a string');
  return { ...(detail as unknown as TaskEventDetail), outcome } as TaskEvent;
}

function outcomeOf(detailType: unknown): Outcome {
  const found = Object.entries(detailTypes).find(([, name]) => name === detailType);
  if (found) return found[0] as Outcome;
  throw new InvalidEventError(`detail-type must be one of ${Object.values(detailTypes).join(', ')}`);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new InvalidEventError('the event must be JSON', { cause });
  }
}

function objectOf(value: unknown, name: string): Record<string, unknown> {
  if (value !== null && typeof value === 'object' && !Array.isArray(value)) {
    return value as Record<string, unknown>;
  }
  throw new InvalidEventError(`${name} must be a JSON object`);
}
