/**
 * The stream as an outbox: each change of a record becomes its event, and a task that is open gets its timer.
 *
 *   stream ─► change ─┬─ timer ─► overdue or status queue ─► check       (first: it must not wait for the bus)
 *                     ├─ event ─► bus
 *                     └─ cannot become an event ─► unpublished, with the task's id, to be republished
 *
 * Each record stands alone: what is wrong with one keeps no other from its event or its timer.
 */
import type { PutEventsRequestEntry } from '@aws-sdk/client-eventbridge';
import type { DynamoDBRecord } from 'aws-lambda';
import { EVENT_SOURCE } from '../../shared/events/names.ts';
import { type BusDependencies, type Entry, putEvents } from '../../shared/events/put-events.ts';
import { taskEvent } from '../../shared/events/task-event.ts';
import { type LinkTo, publicTask } from '../../shared/task/public-task.ts';
import { readRecord } from '../../shared/task/read-record.ts';
import { hasEnded, type TaskRecord } from '../../shared/task/record.ts';
import { measureEvents } from './measure-events.ts';

/** A task of which something must be remembered: which provider works on it decides when it is checked. */
export type OpenTask = Pick<TaskRecord, 'id' | 'provider'>;

/** A task whose event cannot be published as it is. */
export interface Unpublished {
  readonly task: string;
  readonly reason: string;
}

export interface PublishDependencies extends BusDependencies {
  readonly now: () => number;
  readonly busName: string;
  /** Starts the tasks' timers. @returns the ids of those that have none */
  readonly startTimers: (tasks: readonly OpenTask[]) => Promise<ReadonlySet<string>>;
  /** Puts it where the redrive command finds it. */
  readonly setAside: (unpublished: Unpublished) => Promise<void>;
}

/** An event and what the stream calls its record. */
interface StreamEntry extends Entry {
  readonly sequenceNumber: string;
}

interface Change {
  readonly sequenceNumber: string;
  readonly taskId: string;
  /** Set while the task has not ended. */
  readonly open?: OpenTask;
  readonly event:
    | { readonly kind: 'entry'; readonly entry: StreamEntry; readonly task: TaskRecord }
    | { readonly kind: 'malformed'; readonly reason: string };
}

/**
 * @returns the sequence numbers of the records that have to come again
 * @throws what the bus threw, when it took nothing at all
 */
export async function publish(
  dependencies: PublishDependencies,
  records: readonly DynamoDBRecord[],
  linkTo: LinkTo,
): Promise<string[]> {
  const changes = records.map((record) => changeIn(dependencies, record, linkTo));
  const withoutTimer = await dependencies.startTimers(changes.flatMap(({ open }) => open ?? []));
  const entries = changes.flatMap(({ event }) => (event.kind === 'entry' ? [event.entry] : []));
  const { failed, refused, fault } = await putEvents(dependencies, entries);
  const missing = new Set([...failed, ...refused.map(({ entry }) => entry)]);
  const published = changes.flatMap(({ event }) =>
    event.kind === 'entry' && !missing.has(event.entry) ? event.task : [],
  );
  measureEvents(dependencies, published);

  const reasons = new Map(refused.map(({ entry, code }) => [entry.sequenceNumber, code]));
  for (const { event, sequenceNumber } of changes) {
    if (event.kind === 'malformed') reasons.set(sequenceNumber, event.reason);
  }
  const again = new Set(failed.map(({ sequenceNumber }) => sequenceNumber));
  for (const { sequenceNumber, taskId } of changes) {
    const reason = reasons.get(sequenceNumber);
    const isHandled = reason === undefined || (await isSetAside(dependencies, { task: taskId, reason }));
    if (!isHandled || withoutTimer.has(taskId)) again.add(sequenceNumber);
  }
  if (fault !== undefined) throw fault;
  return changes.map(({ sequenceNumber }) => sequenceNumber).filter((number) => again.has(number));
}

function changeIn(dependencies: PublishDependencies, record: DynamoDBRecord, linkTo: LinkTo): Change {
  const sequenceNumber = record.dynamodb!.SequenceNumber!;
  const taskId = record.dynamodb?.Keys?.id?.S ?? '';
  let open: OpenTask | undefined;
  try {
    const task = readRecord(record.dynamodb!.NewImage as Parameters<typeof readRecord>[0]);
    if (!hasEnded(task.status)) open = task;
    const entry = { sequenceNumber, event: eventOf(task, dependencies.busName, linkTo) };
    return { sequenceNumber, taskId, ...(open && { open }), event: { kind: 'entry', entry, task } };
  } catch (error) {
    dependencies.telemetry.error('a record cannot become an event', { task: taskId, error });
    const reason = error instanceof Error ? error.name : 'Error';
    return { sequenceNumber, taskId, ...(open && { open }), event: { kind: 'malformed', reason } };
  }
}

function eventOf(task: TaskRecord, busName: string, linkTo: LinkTo): PutEventsRequestEntry {
  const { detailType, detail } = taskEvent(task, publicTask(task, linkTo));
  return {
    EventBusName: busName,
    Source: EVENT_SOURCE,
    DetailType: detailType,
    Time: new Date(detail.occurred_at),
    Detail: JSON.stringify(detail),
  };
}

/** Counted either way: an event that is missing is never silent. */
async function isSetAside(
  { setAside, telemetry }: PublishDependencies,
  unpublished: Unpublished,
): Promise<boolean> {
  telemetry.count('EventUnpublished', unpublished.reason);
  try {
    await setAside(unpublished);
    return true;
  } catch (error) {
    telemetry.error('an unpublished task could not be set aside', { task: unpublished.task, error });
    return false;
  }
}
