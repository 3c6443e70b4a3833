/** Receiving from one queue: which messages, how many, and what happens to those received too often. */

import type { MessageStore, StoredMessage } from './message-store.ts';
import type { QueueLimits, QueueSettings } from './queue-settings.ts';
import { receiptHandle } from './receipt.ts';
import { type ReceivedMessage, receivedMessage } from './received-message.ts';

export interface ReceiveOptions {
  /** In seconds; the queue's own when undefined. */
  readonly visibilityTimeout?: number | undefined;
  /** The most that the messages may come to by this measure; one is received whatever its size. */
  readonly size?: { readonly most: number; readonly of: (message: ReceivedMessage) => number };
}

export interface ReceiverDependencies {
  readonly store: MessageStore;
  readonly limits: QueueLimits;
  /** Moves a message to the dead-letter queue of its queue. */
  readonly moveToDeadLetterQueue: (message: StoredMessage, from: QueueSettings) => void;
}

/** One receipt while it is being put together; times in milliseconds since 1970. */
interface Receipt {
  readonly now: number;
  readonly visibleAt: number;
  /** Messages at most. */
  readonly most: number;
  readonly sizeOf: (message: ReceivedMessage) => number;
  /** What is left of the size. */
  room: number;
  readonly messages: ReceivedMessage[];
}

/** Rows read at once: ten of the longest messages are 10 MiB. */
const ROWS_AT_ONCE = 10;

export class Receiver {
  readonly #settings: QueueSettings;
  readonly #dependencies: ReceiverDependencies;

  constructor(settings: QueueSettings, dependencies: ReceiverDependencies) {
    this.#settings = settings;
    this.#dependencies = dependencies;
  }

  /** Receives up to `limit` visible messages, and no more than may be in flight. */
  receive(limit: number, options: ReceiveOptions): ReceivedMessage[] {
    const { store } = this.#dependencies;
    const now = Date.now();
    const visibility = (options.visibilityTimeout ?? this.#settings.visibilityTimeout) * 1000;
    const receipt: Receipt = {
      now,
      visibleAt: now + Math.max(visibility, 1),
      most: Math.min(limit, this.roomInFlight(now)),
      sizeOf: options.size?.of ?? (() => 0),
      room: options.size?.most ?? 0,
      messages: [],
    };
    store.transaction(() => {
      store.deleteExpired(this.#settings.name, now);
      while (receipt.messages.length < receipt.most) {
        const rows = this.#nextRows(now, Math.min(receipt.most - receipt.messages.length, ROWS_AT_ONCE));
        if (rows.length === 0 || !this.#receiveRows(rows, receipt)) return;
      }
    });
    return receipt.messages;
  }

  /** How many more messages may be in flight. */
  roomInFlight(now: number): number {
    const { store, limits } = this.#dependencies;
    return limits.inFlight - store.inFlight(this.#settings.name, now, limits.inFlight);
  }

  #nextRows(now: number, limit: number): StoredMessage[] {
    const { store, limits } = this.#dependencies;
    const { name, fifo } = this.#settings;
    return fifo ? store.nextOfOneGroup(name, now, limit, limits.scanned) : store.visible(name, now, limit);
  }

  /** Receives these messages, but for those received too often; answers false when one had no room any more. */
  #receiveRows(rows: readonly StoredMessage[], receipt: Receipt): boolean {
    const { store, moveToDeadLetterQueue } = this.#dependencies;
    for (const row of rows) {
      if (this.#isSpent(row)) {
        moveToDeadLetterQueue(row, this.#settings);
        continue;
      }
      const message = receivedMessage(row, receiptHandle(this.#settings.name, row.id), receipt.now);
      receipt.room -= receipt.sizeOf(message);
      if (receipt.room < 0 && receipt.messages.length > 0) return false;
      store.markReceived(row.id, message.receiptHandle, receipt.visibleAt, receipt.now);
      receipt.messages.push(message);
    }
    return true;
  }

  #isSpent(row: StoredMessage): boolean {
    const { redrive } = this.#settings;
    return redrive !== undefined && row.receive_count >= redrive.maxReceiveCount;
  }
}
