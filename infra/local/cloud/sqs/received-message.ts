/** A message as a receiver sees it, and the attributes that SQS adds to it. */

import type { MessageAttributes } from './message.ts';
import type { StoredMessage } from './message-store.ts';

/** Times are milliseconds since 1970. */
export interface ReceivedMessage {
  readonly messageId: string;
  readonly receiptHandle: string;
  readonly body: string;
  readonly bodyMd5: string;
  readonly attributes: MessageAttributes;
  readonly sentAt: number;
  readonly firstReceivedAt: number;
  readonly receiveCount: number;
  /** The ARN of the queue of which the message is a dead letter. */
  readonly deadLetterSource: string | undefined;
  /** Undefined for a message of a standard queue. */
  readonly fifo: ReceivedFifoIds | undefined;
}

export interface ReceivedFifoIds {
  readonly messageGroupId: string;
  readonly deduplicationId: string;
  readonly sequenceNumber: string;
}

/** `row` as it was before this receipt. */
export function receivedMessage(row: StoredMessage, receiptHandle: string, now: number): ReceivedMessage {
  return {
    messageId: row.id,
    receiptHandle,
    body: row.body,
    bodyMd5: row.body_md5,
    attributes: JSON.parse(row.attributes) as MessageAttributes,
    sentAt: row.sent_at,
    firstReceivedAt: row.first_received_at || now,
    receiveCount: row.receive_count + 1,
    deadLetterSource: row.dead_letter_source ?? undefined,
    fifo:
      row.message_group === null || row.deduplication_id === null
        ? undefined
        : {
            messageGroupId: row.message_group,
            deduplicationId: row.deduplication_id,
            sequenceNumber: sequenceNumber(row.position),
          },
  };
}

/** Twenty digits, as SQS's own: greater for a later message of a group, and not consecutive. */
export function sequenceNumber(position: number): string {
  return String(position).padStart(20, '0');
}

/** The attributes that SQS adds to a received message, as strings. */
export function systemAttributes(message: ReceivedMessage): Record<string, string> {
  return {
    ApproximateReceiveCount: String(message.receiveCount),
    SentTimestamp: String(message.sentAt),
    SenderId: 'AIDALOCAL',
    ApproximateFirstReceiveTimestamp: String(message.firstReceivedAt),
    ...(message.deadLetterSource && { DeadLetterQueueSourceArn: message.deadLetterSource }),
    ...(message.fifo && {
      MessageGroupId: message.fifo.messageGroupId,
      MessageDeduplicationId: message.fifo.deduplicationId,
      SequenceNumber: message.fifo.sequenceNumber,
    }),
  };
}
