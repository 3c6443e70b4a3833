/** How long a message stays hidden before its next try, and how a message is hidden. */
import { ChangeMessageVisibilityCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { SQSRecord } from 'aws-lambda';
import type { Telemetry } from './telemetry.ts';

/**
 * Seconds before the n-th further try; the last one goes on. With 300 tries (the callbacks queue's limit) this lasts
 * two days, and a result link lives for one.
 */
const PAUSES = [5, 15, 30, 60, 120, 300, 600];

/** @param tries how often the message was received, this time included */
export const pauseAfter = (tries: number, pauses: readonly number[] = PAUSES): number =>
  pauses[Math.min(Math.max(tries, 1), pauses.length) - 1]!;

/** Hides a message that is being worked on for `seconds` from now; it must be reported as failed to stay. */
export async function hideFor(
  client: SQSClient,
  queueUrl: string,
  message: SQSRecord,
  seconds: number,
): Promise<void> {
  await client.send(
    new ChangeMessageVisibilityCommand({
      QueueUrl: queueUrl,
      ReceiptHandle: message.receiptHandle,
      VisibilityTimeout: seconds,
    }),
  );
}

/**
 * Hides a message until its next try. Without this it comes back after the queue's own time, which is long enough for a
 * stuck function; so a queue that refuses is no fault of the message's.
 * @param hide throws what SQS throws
 */
export async function postpone({ hide, telemetry }: PostponeDependencies, message: SQSRecord): Promise<void> {
  try {
    await hide(message, pauseAfter(triesOf(message)));
  } catch (error) {
    telemetry.warn('the queue kept its own pause', { error });
  }
}

export interface PostponeDependencies {
  readonly hide: (message: SQSRecord, seconds: number) => Promise<void>;
  readonly telemetry: Telemetry;
}

export const triesOf = (message: SQSRecord): number => Number(message.attributes.ApproximateReceiveCount);
