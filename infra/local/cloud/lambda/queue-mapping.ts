/** An event source mapping from a queue: takes batches as messages come and invokes the function with them. */

import type { Activity } from '../activity.ts';
import { AwsError } from '../aws/aws-error.ts';
import type { RequestLedger } from '../aws/request-ledger.ts';
import type { Pattern } from '../eventbridge/pattern.ts';
import type { Queue } from '../sqs/queue.ts';
import { type ReceivedMessage, systemAttributes } from '../sqs/received-message.ts';
import { failuresOf } from './batch-answer.ts';
import type { LocalFunction } from './local-function.ts';

export interface QueueMappingSettings {
  readonly queue: Queue;
  readonly target: LocalFunction;
  readonly batchSize: number;
  readonly windowSeconds: number;
  /** The most batches under way at a time. */
  readonly concurrency: number;
  readonly reportsItems: boolean;
  /** A message that fits none of them is deleted unseen; an empty list lets all through. */
  readonly filters: readonly Pattern[];
}

interface Surroundings {
  readonly activity: Activity;
  readonly ledger: RequestLedger;
  readonly region: string;
}

/** Room that a batch leaves for its envelope within the 6 MB of an invocation. */
const BATCH_BYTES = 5 * 2 ** 20;
const CALLER = 'EventSourceMapping';

export class QueueMapping {
  readonly #settings: QueueMappingSettings;
  readonly #around: Surroundings;
  #underWay = 0;
  #window: NodeJS.Timeout | undefined;
  #stop: (() => void) | undefined;

  constructor(settings: QueueMappingSettings, around: Surroundings) {
    this.#settings = settings;
    this.#around = around;
  }

  start(): void {
    this.#stop = this.#settings.queue.onVisible(() => this.#arrived());
    this.#arrived();
  }

  stop(): void {
    clearTimeout(this.#window);
    this.#stop?.();
    this.#stop = undefined;
  }

  #arrived(): void {
    const { queue, windowSeconds, batchSize } = this.#settings;
    if (windowSeconds === 0 || queue.depth().visible >= batchSize) {
      clearTimeout(this.#window);
      this.#window = undefined;
      this.#take();
      return;
    }
    this.#window ??= setTimeout(() => {
      this.#window = undefined;
      this.#take();
    }, windowSeconds * 1000).unref();
  }

  /** Takes batches for as long as there are messages, and a place for one more batch. */
  #take(): void {
    while (this.#stop && this.#underWay < this.#settings.concurrency) {
      const { queue, batchSize } = this.#settings;
      const messages = queue.receive(batchSize, { maxBytes: BATCH_BYTES });
      if (messages.length === 0) return;
      this.#around.ledger.count('SQS', 'ReceiveMessage', CALLER);
      this.#underWay += 1;
      const done = this.#around.activity.begin();
      void this.#handle(messages).finally(() => {
        this.#underWay -= 1;
        if (this.#stop) this.#take();
        done();
      });
    }
  }

  async #handle(messages: readonly ReceivedMessage[]): Promise<void> {
    const { filters, target, reportsItems } = this.#settings;
    const wanted = messages.filter((message) => passes(message, filters));
    const unwanted = messages.filter((message) => !wanted.includes(message));
    this.#delete(unwanted);
    if (wanted.length === 0) return;
    const event = { Records: wanted.map((message) => this.#record(message)) };
    try {
      const result = await target.invoke(JSON.stringify(event), 'SQS');
      const failed = failuresOf(result, reportsItems, new Set(wanted.map((message) => message.messageId)));
      if (failed !== 'all') this.#delete(wanted.filter((message) => !failed.has(message.messageId)));
    } catch {
      // Throttled, or refused by a hook: as after a failure the messages come back when their time is over.
    }
  }

  #delete(messages: readonly ReceivedMessage[]): void {
    if (messages.length === 0 || !this.#stop) return;
    this.#around.ledger.count('SQS', 'DeleteMessageBatch', CALLER);
    for (const message of messages) {
      try {
        this.#settings.queue.delete(message.receiptHandle);
      } catch (error) {
        // The function took longer than a FIFO queue's visibility time-out: the message is delivered again.
        if (!(error instanceof AwsError)) throw error;
      }
    }
  }

  #record(message: ReceivedMessage) {
    return {
      messageId: message.messageId,
      receiptHandle: message.receiptHandle,
      body: message.body,
      attributes: systemAttributes(message),
      messageAttributes: Object.fromEntries(
        Object.entries(message.attributes).map(([name, { DataType, StringValue, BinaryValue }]) => [
          name,
          {
            ...(StringValue !== undefined && { stringValue: StringValue }),
            ...(BinaryValue !== undefined && { binaryValue: BinaryValue }),
            stringListValues: [],
            binaryListValues: [],
            dataType: DataType,
          },
        ]),
      ),
      md5OfBody: message.bodyMd5,
      eventSource: 'aws:sqs',
      eventSourceARN: this.#settings.queue.settings.arn,
      awsRegion: this.#around.region,
    };
  }
}

function passes(message: ReceivedMessage, filters: readonly Pattern[]): boolean {
  if (filters.length === 0) return true;
  let body: unknown = message.body;
  try {
    body = JSON.parse(message.body);
  } catch {
    // A filter may look for a body of plain text too.
  }
  return filters.some((matches) => matches({ body, messageAttributes: message.attributes }));
}
