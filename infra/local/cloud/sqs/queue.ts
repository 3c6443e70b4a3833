/**
 * One queue: sending, receiving, making visible again, and moving to the dead-letter queue.
 *
 *   sent ──delay──► visible ──receive──► in flight ──delete──► gone
 *                      ▲                    │
 *                      └──visibility ends───┘   received maxReceiveCount times: the next receive moves it to the dead-letter queue
 *
 * In a FIFO queue nothing of a message group is received while another message of the group is in flight.
 */

import { randomUUID } from 'node:crypto';
import { AwsError } from '../aws/aws-error.ts';
import type { Deduplication } from './deduplication.ts';
import { type FifoIds, type FifoParameters, fifoIds } from './fifo.ts';
import { md5OfBody } from './md5.ts';
import {
  checkMessage,
  invalid,
  MAX_DELAY_SECONDS,
  MAX_VISIBILITY_SECONDS,
  type MessageAttributes,
} from './message.ts';
import type { Depth, MessageStore, NewMessage, StoredMessage } from './message-store.ts';
import type { QueueSettings } from './queue-settings.ts';
import { messageIdOf } from './receipt.ts';
import { type ReceivedMessage, sequenceNumber } from './received-message.ts';
import { type ReceiveOptions, Receiver, type ReceiverDependencies } from './receiver.ts';
import { SendQuota } from './send-quota.ts';
import { VisibilityWatch } from './visibility-watch.ts';

/** A message that was received more often is one that nobody can handle. */
const POISON_RECEIVES = 3;

export interface SendOptions extends FifoParameters {
  readonly attributes?: MessageAttributes | undefined;
}

export interface SentMessage {
  readonly messageId: string;
  readonly bodyMd5: string;
  /** Of a FIFO queue. */
  readonly sequenceNumber: string | undefined;
}

export interface QueueDependencies extends ReceiverDependencies {
  readonly deduplication: Deduplication;
}

export class Queue {
  readonly settings: QueueSettings;
  readonly #dependencies: QueueDependencies;
  readonly #store: MessageStore;
  readonly #watch: VisibilityWatch;
  readonly #receiver: Receiver;
  readonly #quota: SendQuota | undefined;

  constructor(settings: QueueSettings, dependencies: QueueDependencies) {
    this.settings = settings;
    this.#dependencies = dependencies;
    this.#store = dependencies.store;
    this.#receiver = new Receiver(settings, dependencies);
    this.#quota = settings.fifo && new SendQuota(settings.fifo);
    this.#watch = new VisibilityWatch((now) => this.#store.nextVisibleAt(settings.name, now));
  }

  /**
   * Sends a message, by a call of its own. A duplicate in a FIFO queue is answered like the first one, and not stored.
   * @throws AwsError when SQS would refuse it
   */
  send(body: string, options: SendOptions = {}): SentMessage {
    this.countSending([options.messageGroupId ?? '']);
    return this.sendInBatch(body, options);
  }

  /** Counts one call that sends to these message groups. @throws AwsError ThrottlingException for too many */
  countSending(messageGroupIds: readonly string[]): void {
    this.#quota?.count(messageGroupIds);
  }

  /** Sends a message like `send`, by a call that has been counted. */
  sendInBatch(body: string, options: SendOptions): SentMessage {
    const attributes = options.attributes ?? {};
    checkMessage(body, attributes, this.settings.maximumMessageSize);
    const ids = fifoIds(body, options, this.settings.fifo);
    const now = Date.now();
    const message: NewMessage = {
      id: randomUUID(),
      body,
      body_md5: md5OfBody(body),
      attributes: JSON.stringify(attributes),
      message_group: ids?.messageGroupId ?? null,
      deduplication_id: ids?.deduplicationId ?? null,
      sent_at: now,
      visible_at: now + this.#delayOf(options) * 1000,
      dead_letter_source: null,
    };
    if (ids) return this.#addOnce(message, ids);
    this.add(message);
    return { messageId: message.id, bodyMd5: message.body_md5, sequenceNumber: undefined };
  }

  /** Adds a message as it is: a new one, a dead letter, or one that is moved back. Answers its position. */
  add(message: NewMessage): number {
    const expiresAt = message.sent_at + this.settings.retentionSeconds * 1000;
    const position = this.#store.insert(message, this.settings.name, expiresAt);
    this.#watch.announce();
    return position;
  }

  /** Receives up to `limit` visible messages, and no more than may be in flight. */
  receive(limit: number, options: ReceiveOptions = {}): ReceivedMessage[] {
    const messages = this.#receiver.receive(limit, options);
    this.#watch.watch();
    return messages;
  }

  /** @throws AwsError OverLimit when as many messages as may be are in flight; a FIFO queue never says so. */
  refuseOverLimit(): void {
    if (this.settings.fifo || this.#receiver.roomInFlight(Date.now()) > 0) return;
    throw new AwsError('OverLimit', 'Too many messages in flight.', { status: 403, queryCode: 'OverLimit' });
  }

  /**
   * Deletes a message by its latest receipt; an older receipt deletes nothing, as with SQS.
   * @throws AwsError in a FIFO queue when the message has become visible again since
   */
  delete(handle: string): void {
    const row = this.#store.find(messageIdOf(handle, this.settings.name));
    if (!row) return;
    const isCurrent = row.receipt === handle;
    if (this.settings.fifo && !(isCurrent && row.visible_at > Date.now())) {
      throw invalid(
        `Value ${handle} for parameter ReceiptHandle is invalid. Reason: The receipt handle has expired.`,
      );
    }
    if (!isCurrent) return;
    this.#store.delete(row.id);
    // The next messages of the group may be received now.
    if (this.settings.fifo) this.#watch.announce();
  }

  /** Sets when a message in flight becomes visible again, in seconds from now. @throws AwsError as SQS does. */
  changeVisibility(handle: string, seconds: number): void {
    if (!Number.isInteger(seconds) || seconds < 0 || seconds > MAX_VISIBILITY_SECONDS) {
      throw invalid(
        `Value ${seconds} for parameter VisibilityTimeout is invalid. Reason: Must be between 0 and 43200.`,
      );
    }
    const row = this.#store.find(messageIdOf(handle, this.settings.name));
    const now = Date.now();
    if (!row || row.receipt !== handle || row.visible_at <= now) {
      throw invalid(
        `Value ${handle} for parameter ReceiptHandle is invalid. Reason: Message does not exist or is not available for visibility timeout change.`,
      );
    }
    // The twelve hours count from the receipt on: the full value is refused even a moment later.
    if (now + seconds * 1000 > row.received_at + MAX_VISIBILITY_SECONDS * 1000) {
      throw invalid('Total VisibilityTimeout for the message is beyond the limit [43200 seconds]');
    }
    this.#store.setVisibleAt(row.id, now + seconds * 1000);
    this.#watch.announce();
  }

  /** Makes every message visible now, for those who cannot wait. */
  makeAllVisible(): void {
    this.#store.setAllVisible(this.settings.name, Date.now());
    this.#watch.announce();
  }

  purge(): void {
    this.#store.deleteAll(this.settings.name);
  }

  /** Whether at least `count` messages are visible. */
  hasVisible(count: number): boolean {
    return this.#store.visibleCount(this.settings.name, Date.now(), count) >= count;
  }

  depth(): Depth {
    return this.#store.depth(this.settings.name, Date.now());
  }

  /**
   * Seconds since the oldest message was sent, 0 when there is none. In a standard queue, one that was received more than
   * three times is left out (SQS developer guide, "Available CloudWatch metrics for Amazon SQS").
   */
  ageOfOldest(): number {
    const now = Date.now();
    const mostReceives = this.settings.fifo ? Number.MAX_SAFE_INTEGER : POISON_RECEIVES;
    const sentAt = this.#store.oldestSentAt(this.settings.name, now, mostReceives);
    return sentAt === undefined ? 0 : Math.floor((now - sentAt) / 1000);
  }

  /** All messages, in any state, untouched. */
  peek(): StoredMessage[] {
    return this.#store.all(this.settings.name);
  }

  /** The messages that a move to another queue may take: the visible ones, of groups that have nothing in flight. */
  movable(): StoredMessage[] {
    const now = Date.now();
    const all = this.peek();
    const hidden = all.filter((message) => message.visible_at > now);
    const held = new Set(hidden.map((message) => message.message_group ?? message.id));
    return all.filter((message) => !held.has(message.message_group ?? message.id));
  }

  /** Removes a message whatever its state (a move to another queue). */
  take(id: string): void {
    this.#store.delete(id);
  }

  /** Calls `listener` whenever a message may have become visible; answers the function that stops it. */
  onVisible(listener: () => void): () => void {
    return this.#watch.onVisible(listener);
  }

  /** Stops the timer; the queue may not be used afterwards. */
  close(): void {
    this.#watch.close();
  }

  /** In a FIFO queue the delay is the queue's own, whoever sends. */
  #delayOf({ delaySeconds }: SendOptions): number {
    if (this.settings.fifo || delaySeconds === undefined) return this.settings.delaySeconds;
    if (Number.isInteger(delaySeconds) && delaySeconds >= 0 && delaySeconds <= MAX_DELAY_SECONDS) {
      return delaySeconds;
    }
    throw invalid(
      `Value ${delaySeconds} for parameter DelaySeconds is invalid. Reason: DelaySeconds must be >= 0 and <= 900.`,
    );
  }

  #addOnce(message: NewMessage, { messageGroupId, deduplicationId }: FifoIds): SentMessage {
    const { deduplication } = this.#dependencies;
    const scope = this.settings.fifo?.deduplicationScope === 'messageGroup' ? messageGroupId : '';
    const key = { queue: this.settings.name, scope, deduplicationId };
    return this.#store.transaction(() => {
      const earlier = deduplication.find(key, message.sent_at);
      if (earlier) return { ...earlier, bodyMd5: message.body_md5 };
      const first = { messageId: message.id, sequenceNumber: sequenceNumber(this.add(message)) };
      deduplication.remember(key, first, message.sent_at);
      return { ...first, bodyMd5: message.body_md5 };
    });
  }
}
