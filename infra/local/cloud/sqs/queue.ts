// One standard queue: sending, receiving, putting back, and giving up to the dead letters.
//
//   sent ──delay──► visible ──receive──► in flight ──delete──► gone
//                      ▲                    │
//                      └──visibility ends───┘   received maxReceiveCount times: next receive moves it to the dead letters

import { randomUUID } from 'node:crypto';
import { AwsError } from '../aws/aws-error.ts';
import { md5OfBody } from './md5.ts';
import {
  checkMessage,
  invalid,
  MAX_DELAY_SECONDS,
  MAX_VISIBILITY_SECONDS,
  type MessageAttributes,
  type ReceivedMessage,
} from './message.ts';
import type { Depth, MessageStore, StoredMessage } from './message-store.ts';

/** What a queue's template says of it; times in seconds. */
export interface QueueSettings {
  readonly name: string;
  readonly arn: string;
  readonly delaySeconds: number;
  readonly visibilityTimeout: number;
  readonly retentionSeconds: number;
  readonly maximumMessageSize: number;
  readonly receiveWaitSeconds: number;
  readonly redrive: { readonly deadLetterArn: string; readonly maxReceiveCount: number } | undefined;
}

export interface SendOptions {
  readonly attributes?: MessageAttributes | undefined;
  readonly delaySeconds?: number | undefined;
}

/** Where a queue gives a message up to. */
export type DeadLetterMove = (message: StoredMessage, from: Queue) => void;

// setTimeout's longest wait; a message that becomes visible later is looked for again then.
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export class Queue {
  readonly settings: QueueSettings;
  readonly #store: MessageStore;
  readonly #giveUp: DeadLetterMove;
  readonly #listeners = new Set<() => void>();
  #timer: NodeJS.Timeout | undefined;
  #announced = false;

  constructor(settings: QueueSettings, store: MessageStore, giveUp: DeadLetterMove) {
    this.settings = settings;
    this.#store = store;
    this.#giveUp = giveUp;
  }

  /** Sends a message; answers its id. @throws AwsError when SQS would refuse it. */
  send(body: string, options: SendOptions = {}): { messageId: string; bodyMd5: string } {
    const attributes = options.attributes ?? {};
    checkMessage(body, attributes, this.settings.maximumMessageSize);
    const delay = options.delaySeconds ?? this.settings.delaySeconds;
    if (!Number.isInteger(delay) || delay < 0 || delay > MAX_DELAY_SECONDS) {
      throw invalid(
        `Value ${delay} for parameter DelaySeconds is invalid. Reason: DelaySeconds must be >= 0 and <= 900.`,
      );
    }
    const now = Date.now();
    const id = randomUUID();
    const bodyMd5 = md5OfBody(body);
    this.add({
      ...{ id, body, body_md5: bodyMd5, attributes: JSON.stringify(attributes), sent_at: now },
      visible_at: now + delay * 1000,
      ...{ receive_count: 0, first_received_at: 0, received_at: 0, receipt: null, dead_letter_source: null },
    });
    return { messageId: id, bodyMd5 };
  }

  /** Puts a message here as it is: a new one, a dead letter, or one that is put back. */
  add(message: Omit<StoredMessage, 'queue' | 'expires_at'>): void {
    const expiresAt = message.sent_at + this.settings.retentionSeconds * 1000;
    this.#store.insert({ ...message, queue: this.settings.name, expires_at: expiresAt });
    this.#announce();
  }

  /**
   * Receives up to `limit` visible messages, whose bodies and attributes come to at most `maxBytes` (at least one).
   * `visibilityTimeout` is in seconds.
   */
  receive(
    limit: number,
    options: { visibilityTimeout?: number | undefined; maxBytes?: number } = {},
  ): ReceivedMessage[] {
    const now = Date.now();
    const visibleAt = now + (options.visibilityTimeout ?? this.settings.visibilityTimeout) * 1000;
    let room = options.maxBytes ?? Number.POSITIVE_INFINITY;
    const received: ReceivedMessage[] = [];
    this.#store.transaction(() => {
      this.#store.deleteExpired(this.settings.name, now);
      while (received.length < limit) {
        const [row] = this.#store.visible(this.settings.name, now, 1);
        if (!row) break;
        if (this.#isSpent(row)) {
          this.#giveUp(row, this);
          continue;
        }
        room -= row.body.length + row.attributes.length;
        if (room < 0 && received.length > 0) break;
        const receipt = this.#receiptFor(row.id);
        this.#store.markReceived(row.id, receipt, Math.max(visibleAt, now + 1), now);
        received.push(asReceived(row, receipt, now));
      }
    });
    this.#watch();
    return received;
  }

  /** Deletes a message by its latest receipt; an older receipt deletes nothing, as with SQS. */
  delete(receiptHandle: string): void {
    const row = this.#rowOf(receiptHandle);
    if (row?.receipt === receiptHandle) this.#store.delete(row.id);
  }

  /** Sets when a message in flight becomes visible again, in seconds from now. @throws AwsError as SQS does. */
  changeVisibility(receiptHandle: string, seconds: number): void {
    if (!Number.isInteger(seconds) || seconds < 0 || seconds > MAX_VISIBILITY_SECONDS) {
      throw invalid(
        `Value ${seconds} for parameter VisibilityTimeout is invalid. Reason: Must be between 0 and 43200.`,
      );
    }
    const row = this.#rowOf(receiptHandle);
    const now = Date.now();
    if (!row || row.receipt !== receiptHandle || row.visible_at <= now) {
      throw invalid(
        `Value ${receiptHandle} for parameter ReceiptHandle is invalid. Reason: Message does not exist or is not available for visibility timeout change.`,
      );
    }
    // The twelve hours count from the receipt on: the full value is refused even a moment later.
    if (now + seconds * 1000 > row.received_at + MAX_VISIBILITY_SECONDS * 1000) {
      throw invalid('Total VisibilityTimeout for the message is beyond the limit [43200 seconds]');
    }
    this.#store.setVisibleAt(row.id, now + seconds * 1000);
    this.#announce();
  }

  /** Makes every message visible now, for those who cannot wait. */
  makeAllVisible(): void {
    this.#store.setAllVisible(this.settings.name, Date.now());
    this.#announce();
  }

  purge(): void {
    this.#store.deleteAll(this.settings.name);
  }

  depth(): Depth {
    return this.#store.depth(this.settings.name, Date.now());
  }

  /** All messages, in any state, untouched. */
  peek(): StoredMessage[] {
    return this.#store.all(this.settings.name);
  }

  /** Removes a message whatever its state (a move to another queue). */
  take(id: string): void {
    this.#store.delete(id);
  }

  /** Calls `listener` whenever a message may have become visible; answers the function that stops it. */
  onVisible(listener: () => void): () => void {
    this.#listeners.add(listener);
    this.#watch();
    return () => this.#listeners.delete(listener);
  }

  /** Stops the timer; the queue may not be used afterwards. */
  close(): void {
    this.#listeners.clear();
    clearTimeout(this.#timer);
  }

  #isSpent(row: StoredMessage): boolean {
    return this.settings.redrive !== undefined && row.receive_count >= this.settings.redrive.maxReceiveCount;
  }

  #receiptFor(id: string): string {
    return Buffer.from(`${this.settings.name} ${id} ${randomUUID()}`).toString('base64');
  }

  #rowOf(receiptHandle: string): StoredMessage | undefined {
    const [queue, id, nonce] = Buffer.from(receiptHandle, 'base64').toString('utf8').split(' ');
    if (queue !== this.settings.name || !id || !nonce) {
      throw new AwsError(
        'ReceiptHandleIsInvalid',
        `The input receipt handle "${receiptHandle}" is not valid.`,
        {
          status: 404,
          queryCode: 'ReceiptHandleIsInvalid',
        },
      );
    }
    return this.#store.find(id);
  }

  /** Tells the listeners a microtask later: they may receive at once, which must not happen inside a transaction. */
  #announce(): void {
    if (this.#announced) return;
    this.#announced = true;
    queueMicrotask(() => {
      this.#announced = false;
      for (const listener of [...this.#listeners]) listener();
      this.#watch();
    });
  }

  /** Sets the timer for the next message that becomes visible, if somebody listens. */
  #watch(): void {
    clearTimeout(this.#timer);
    if (this.#listeners.size === 0) return;
    const now = Date.now();
    const next = this.#store.nextVisibleAt(this.settings.name, now);
    if (next === undefined) return;
    this.#timer = setTimeout(() => this.#announce(), Math.min(next - now + 1, LONGEST_TIMER_MS));
    this.#timer.unref();
  }
}

function asReceived(row: StoredMessage, receiptHandle: string, now: number): ReceivedMessage {
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
  };
}
