/**
 * What is not in the ledger: of a batch that failed too often, Lambda reports when its records were written, not what they
 * held. The tasks' own records say what the ledger should hold, so it is mended from them (usage/repair.ts), as soon as
 * nothing else can change the rows of that day:
 *
 *   report ─► the rest of its day ─► its last task has ended (25 h) ─► the stream has forgotten that (25 h) ─► deleted
 */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Message, SQSClient } from '@aws-sdk/client-sqs';
import * as z from 'zod';
import { messagesIn, remove } from './redrive-queues.ts';
import { SETTLED_SECONDS } from './usage/verify.ts';
import { type UsageTables, verifyAll } from './usage/verify-all.ts';

const DAY = 86_400;
const LONGEST_TASK = 25 * 3600;
/** Seconds after a report from which on a repair has mended what it is about. */
const MENDED_SECONDS = DAY + LONGEST_TASK + SETTLED_SECONDS;

const Report = z.object({
  DDBStreamBatchInfo: z.object({
    approximateArrivalOfLastRecord: z.iso
      .datetime({ offset: true })
      .transform((text) => Date.parse(text) / 1000),
  }),
});

export interface Recounted {
  /** Reports that are done with and deleted. */
  readonly moved: number;
  readonly rows: number;
  /** Set when reports stay: younger ones, or what is no report. */
  readonly error?: string;
}

/**
 * Repairs the ledger if there is a report, then deletes those whose changes are certainly in it.
 * @param queue the URL of the queue of reports
 * @param now seconds since 1970
 */
export async function recountReports(
  { sqs, dynamodb }: { readonly sqs: SQSClient; readonly dynamodb: DynamoDBClient },
  queue: string,
  tables: UsageTables,
  now: number,
): Promise<Recounted> {
  const read: { readonly message: Message; readonly at: number | undefined }[] = [];
  for await (const message of messagesIn(sqs, queue)) read.push({ message, at: arrivalIn(message) });
  if (read.length === 0) return { moved: 0, rows: 0 };
  const { repaired } = await verifyAll(dynamodb, tables, true);
  const done = read.filter(({ at }) => at !== undefined && at + MENDED_SECONDS < now);
  for (const { message } of done) await remove(sqs, queue, message);
  const left = read.filter((one) => !done.includes(one));
  return { moved: done.length, rows: repaired, ...(left.length > 0 && { error: wordsOf(left) }) };
}

function wordsOf(left: readonly { readonly message: Message; readonly at: number | undefined }[]): string {
  const strange = left.find(({ at }) => at === undefined);
  if (strange) return `The message ${strange.message.MessageId} is no report of Lambda; it stays`;
  const last = Math.max(...left.map(({ at }) => at as number)) + MENDED_SECONDS;
  const when = new Date(last * 1000).toISOString().slice(0, 16);
  return `${left.length} stay: what they are about can be mended from ${when} UTC on`;
}

function arrivalIn({ Body = '' }: Message): number | undefined {
  try {
    return Report.safeParse(JSON.parse(Body)).data?.DDBStreamBatchInfo.approximateArrivalOfLastRecord;
  } catch {
    return undefined;
  }
}
