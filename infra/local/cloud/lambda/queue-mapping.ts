/** An event source mapping from a queue: takes batches as messages come and invokes the function with them. */

import type { Activity } from '../activity.ts';
import { AwsError } from '../aws/aws-error.ts';
import type { RequestLedger } from '../aws/request-ledger.ts';
import type { Pattern } from '../eventbridge/pattern.ts';
import type { AccessControl } from '../iam/access-control.ts';
import type { Queue } from '../sqs/queue.ts';
import { type ReceivedMessage, systemAttributes } from '../sqs/received-message.ts';
import { failuresOf } from './batch-response.ts';
import { type LocalFunction, MAX_PAYLOAD_BYTES } from './local-function.ts';

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

interface QueueMappingDependencies {
  readonly activity: Activity;
  readonly ledger: RequestLedger;
  readonly region: string;
  readonly access: AccessControl;
}

/** What an event weighs besides its records. */
const EVENT_BYTES = Buffer.byteLength('{"Records":[]}');
const CALLER = 'EventSourceMapping';
/** SQS's limit of a receipt, and of a batch to delete. */
const MESSAGES_PER_CALL = 10;

export class QueueMapping {
  readonly #settings: QueueMappingSettings;
  readonly #dependencies: QueueMappingDependencies;
  #underWay = 0;
  /** Runs while messages wait for a batch to become full. */
  #window: NodeJS.Timeout | undefined;
  #windowIsOver = false;
  #stop: (() => void) | undefined;

  constructor(settings: QueueMappingSettings, dependencies: QueueMappingDependencies) {
    this.#settings = settings;
    this.#dependencies = dependencies;
  }

  start(): void {
    this.#stop = this.#settings.queue.onVisible(() => this.#poll());
    this.#poll();
  }

  stop(): void {
    this.#closeWindow();
    this.#stop?.();
    this.#stop = undefined;
  }

  /** Takes batches while there is a place for one more: a full one at once, a smaller one when its window is over. */
  #poll(): void {
    const { queue, windowSeconds, batchSize, concurrency } = this.#settings;
    while (this.#stop && this.#underWay < concurrency) {
      const isDue = windowSeconds === 0 || this.#windowIsOver || queue.hasVisible(batchSize);
      const messages = isDue ? this.#receive() : [];
      if (messages.length === 0) {
        this.#windowIsOver = false;
        break;
      }
      this.#closeWindow();
      this.#process(messages);
    }
    if (this.#stop && windowSeconds > 0 && !this.#windowIsOver && queue.hasVisible(1)) this.#openWindow();
  }

  #openWindow(): void {
    this.#window ??= setTimeout(() => {
      this.#closeWindow();
      this.#windowIsOver = true;
      this.#poll();
    }, this.#settings.windowSeconds * 1000).unref();
  }

  #closeWindow(): void {
    clearTimeout(this.#window);
    this.#window = undefined;
    this.#windowIsOver = false;
  }

  /** Lambda receives when the window opens, so the time in it counts towards the visibility time-out. */
  #receive(): ReceivedMessage[] {
    const { queue, windowSeconds, batchSize } = this.#settings;
    const messages = queue.receive(batchSize, {
      visibilityTimeout: Math.max(queue.settings.visibilityTimeout - windowSeconds, 1),
      size: {
        most: MAX_PAYLOAD_BYTES - EVENT_BYTES,
        of: (message) => Buffer.byteLength(JSON.stringify(this.#record(message))) + ','.length,
      },
    });
    this.#called('ReceiveMessage', messages.length);
    return messages;
  }

  #process(messages: readonly ReceivedMessage[]): void {
    this.#underWay += 1;
    const done = this.#dependencies.activity.begin();
    void this.#handle(messages).finally(() => {
      this.#underWay -= 1;
      this.#poll();
      done();
    });
  }

  async #handle(messages: readonly ReceivedMessage[]): Promise<void> {
    const { filters, target, reportsItems } = this.#settings;
    const unwanted = new Set(messages.filter((message) => !passes(message, filters)));
    const wanted = messages.filter((message) => !unwanted.has(message));
    this.#delete([...unwanted]);
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
    if (!this.#stop) return;
    this.#called('DeleteMessageBatch', messages.length);
    for (const message of messages) {
      try {
        this.#settings.queue.delete(message.receiptHandle);
      } catch (error) {
        // The function took longer than a FIFO queue's visibility time-out: the message is delivered again.
        if (!(error instanceof AwsError)) throw error;
      }
    }
  }

  /** Counts the calls that Lambda makes for so many messages, one for every ten, with the rights of the function's role. */
  #called(operation: string, messages: number): void {
    const { ledger, access } = this.#dependencies;
    const { queue, target } = this.#settings;
    const need = { action: `sqs:${operation.replace('Batch', '')}`, resource: queue.settings.arn };
    for (let counted = 0; counted < messages; counted += MESSAGES_PER_CALL) {
      access.authorize(target.settings.principal, [need]);
      ledger.count('SQS', operation, CALLER);
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
      awsRegion: this.#dependencies.region,
    };
  }
}

function passes(message: ReceivedMessage, filters: readonly Pattern[]): boolean {
  if (filters.length === 0) return true;
  let body: unknown = message.body;
  try {
    body = JSON.parse(message.body);
  } catch {
    // A filter may be for a body that is no JSON, as a string.
  }
  return filters.some((matches) => matches({ body }));
}
