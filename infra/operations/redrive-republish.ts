/**
 * What could not be published. A record that could not become an event was set aside by `publish`, with its task's id. Of
 * a batch that failed too often, Lambda reports when its records were written, not what they held, and the stream has
 * forgotten them. The records' present state is what matters, so that is published again:
 *
 *   set aside ─► its task ───────────────────────────────┐
 *   report ─► its time ─► tasks created or ended then ───┴─► marked, unmarked ─► stream ─► publish ─► the same event id
 */
import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  paginateScan,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import type { Message, SQSClient } from '@aws-sdk/client-sqs';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import pLimit from 'p-limit';
import * as z from 'zod';
import { REPUBLISH } from './redrive-mark.ts';
import { messagesIn, remove } from './redrive-queues.ts';

/** Writes at a time. */
const AT_A_TIME = 10;
/** A record's own times are taken by a function before its write, at most its time-out (90 s) earlier. */
const SLACK_SECONDS = 120;

const IsoTime = z.iso.datetime({ offset: true }).transform((text) => Date.parse(text) / 1000);
const Report = z.object({
  DDBStreamBatchInfo: z.object({
    approximateArrivalOfFirstRecord: IsoTime,
    approximateArrivalOfLastRecord: IsoTime,
  }),
});

const SetAside = z.object({ task: z.string().min(1), reason: z.string() });

/** What a message of the queue is about. */
type About =
  | { readonly kind: 'span'; readonly span: Span }
  | { readonly kind: 'task'; readonly id: string }
  | { readonly kind: 'strange' };

/** Seconds since 1970. */
interface Span {
  readonly from: number;
  readonly to: number;
}

interface Times {
  readonly id: string;
  readonly created: number;
  readonly completed?: number;
}

export interface Republished {
  /** Messages that are done with and deleted. */
  readonly moved: number;
  /** Tasks whose event is republished: every one of the reports' times, so also some whose event was never lost. */
  readonly tasks: number;
  /** Set when a message was neither a report nor set aside; it stays, the others are done. */
  readonly error?: string;
}

/**
 * Republishes what the queue's messages are about, then deletes them.
 * @param queue the URL of the queue of what was not published
 * @param table the tasks table's name
 */
export async function republish(
  clients: { readonly sqs: SQSClient; readonly dynamodb: DynamoDBClient },
  queue: string,
  table: string,
): Promise<Republished> {
  const { sqs, dynamodb } = clients;
  const read: { readonly message: Message; readonly about: About }[] = [];
  for await (const message of messagesIn(sqs, queue)) read.push({ message, about: aboutOf(message) });
  const spans = read.flatMap(({ about }) => (about.kind === 'span' ? [about.span] : []));
  const named = read.flatMap(({ about }) => (about.kind === 'task' ? [about.id] : []));
  const ids = new Set([...named, ...(await idsWithin(dynamodb, table, spans))]);
  const limit = pLimit(AT_A_TIME);
  await limit.map(ids, (id) => markAndUnmark(dynamodb, table, id));
  // Only now: a report that is deleted is all that knew of its batch.
  const understood = read.filter(({ about }) => about.kind !== 'strange');
  await limit.map(understood, ({ message }) => remove(sqs, queue, message));
  const strange = read.find(({ about }) => about.kind === 'strange');
  return {
    moved: understood.length,
    tasks: ids.size,
    ...(strange && { error: `The message ${strange.message.MessageId} is no report of Lambda; it stays` }),
  };
}

function aboutOf({ Body = '' }: Message): About {
  let json: unknown;
  try {
    json = JSON.parse(Body);
  } catch {
    return { kind: 'strange' };
  }
  const setAside = SetAside.safeParse(json);
  if (setAside.success) return { kind: 'task', id: setAside.data.task };
  const report = Report.safeParse(json);
  if (!report.success) return { kind: 'strange' };
  const { DDBStreamBatchInfo: batch } = report.data;
  const from = batch.approximateArrivalOfFirstRecord - SLACK_SECONDS;
  const to = batch.approximateArrivalOfLastRecord + SLACK_SECONDS;
  return { kind: 'span', span: { from, to } };
}

/** One scan, however many reports: an outage leaves thousands of them, and the table has no index by time alone. */
async function idsWithin(
  client: DynamoDBClient,
  TableName: string,
  spans: readonly Span[],
): Promise<string[]> {
  if (spans.length === 0) return [];
  const ids: string[] = [];
  // An event says what the record is now, so that has to be read.
  const scan = { TableName, ConsistentRead: true, ProjectionExpression: 'id, created, completed' };
  for await (const { Items = [] } of paginateScan({ client }, scan)) {
    const times = Items.map((item) => unmarshall(item) as Times);
    ids.push(...times.filter((task) => isWithin(task, spans)).map(({ id }) => id));
  }
  return ids;
}

const isWithin = ({ created, completed }: Times, spans: readonly Span[]): boolean =>
  spans.some(({ from, to }) =>
    [created, completed].some((time) => time !== undefined && time >= from && time <= to),
  );

/** The mark is what the stream's filter lets through; it is taken away at once, which the filter does not let through. */
async function markAndUnmark(client: DynamoDBClient, TableName: string, id: string): Promise<void> {
  const update = { TableName, Key: marshall({ id }), ExpressionAttributeNames: { '#mark': REPUBLISH } };
  const now = marshall({ ':now': new Date().toISOString() });
  try {
    await client.send(
      new UpdateItemCommand({
        ...update,
        UpdateExpression: 'SET #mark = :now',
        ExpressionAttributeValues: now,
        // A record that its retention has ended in between must not come back as an empty one.
        ConditionExpression: 'attribute_exists(id)',
      }),
    );
    await client.send(
      new UpdateItemCommand({
        ...update,
        UpdateExpression: 'REMOVE #mark',
        ConditionExpression: 'attribute_exists(id)',
      }),
    );
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
  }
}
