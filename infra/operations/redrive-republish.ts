/**
 * Batches of the stream that could not be published. Lambda reports when their records were written, not what they
 * held, and the stream has forgotten them. The records' present state is what matters, so it is published again:
 *
 *   report ─► its time ─► tasks created or ended then ─► marked, unmarked ─► stream ─► publish ─► the same event id
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
  /** Reports that are done with and deleted. */
  readonly moved: number;
  /** Tasks whose event is republished: every one of the reports' times, so also some whose event was never lost. */
  readonly tasks: number;
  /** Set when a message was no report; it stays, the others are done. */
  readonly error?: string;
}

/**
 * Republishes what the queue's reports are about, then deletes them.
 * @param queue the URL of the queue of reports
 * @param table the tasks table's name
 */
export async function republish(
  clients: { readonly sqs: SQSClient; readonly dynamodb: DynamoDBClient },
  queue: string,
  table: string,
): Promise<Republished> {
  const { sqs, dynamodb } = clients;
  const read: { readonly message: Message; readonly span: Span | undefined }[] = [];
  for await (const message of messagesIn(sqs, queue)) read.push({ message, span: spanOf(message) });
  const reports = read.filter(({ span }) => span !== undefined);
  const ids = await idsWithin(
    dynamodb,
    table,
    reports.map(({ span }) => span!),
  );
  const limit = pLimit(AT_A_TIME);
  await limit.map(ids, (id) => markAndUnmark(dynamodb, table, id));
  // Only now: a report that is deleted is all that knew of its batch.
  await limit.map(reports, ({ message }) => remove(sqs, queue, message));
  const strange = read.find(({ span }) => !span);
  return {
    moved: reports.length,
    tasks: ids.length,
    ...(strange && { error: `The message ${strange.message.MessageId} is no report of Lambda; it stays` }),
  };
}

function spanOf({ Body = '' }: Message): Span | undefined {
  try {
    const { DDBStreamBatchInfo: batch } = Report.parse(JSON.parse(Body));
    return {
      from: batch.approximateArrivalOfFirstRecord - SLACK_SECONDS,
      to: batch.approximateArrivalOfLastRecord + SLACK_SECONDS,
    };
  } catch {
    return undefined;
  }
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
