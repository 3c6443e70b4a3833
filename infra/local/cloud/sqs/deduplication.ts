/**
 * The deduplication ids of FIFO queues, in SQLite: which of them were sent lately, and what the first sending answered.
 * They outlive their messages, and a restart.
 */

import type { DatabaseSync, StatementSync } from 'node:sqlite';

/** Where an id counts: in its queue, and within `scope` there (a message group; empty for the whole queue). */
export interface DeduplicationKey {
  readonly queue: string;
  readonly scope: string;
  readonly deduplicationId: string;
}

/** What the first message with an id was given. */
export interface FirstSending {
  readonly messageId: string;
  readonly sequenceNumber: string;
}

/** Five minutes, counted from the first sending (SQS developer guide, exactly-once processing). */
const INTERVAL_MS = 5 * 60_000;

const TABLE = `
  CREATE TABLE IF NOT EXISTS deduplication_ids (
    queue TEXT NOT NULL, scope TEXT NOT NULL, deduplication_id TEXT NOT NULL,
    message_id TEXT NOT NULL, sequence_number TEXT NOT NULL, sent_at INTEGER NOT NULL,
    PRIMARY KEY (queue, scope, deduplication_id)
  ) STRICT;
  CREATE INDEX IF NOT EXISTS deduplication_ids_by_age ON deduplication_ids (sent_at);`;

export class Deduplication {
  readonly #forget: StatementSync;
  readonly #find: StatementSync;
  readonly #insert: StatementSync;

  constructor(database: DatabaseSync) {
    database.exec(TABLE);
    this.#forget = database.prepare('DELETE FROM deduplication_ids WHERE sent_at <= ?');
    this.#find = database.prepare(
      `SELECT message_id AS messageId, sequence_number AS sequenceNumber FROM deduplication_ids
       WHERE queue = ? AND scope = ? AND deduplication_id = ?`,
    );
    this.#insert = database.prepare('INSERT INTO deduplication_ids VALUES (?, ?, ?, ?, ?, ?)');
  }

  /** The first sending with this id, when it was within the interval. `now` in milliseconds since 1970. */
  find({ queue, scope, deduplicationId }: DeduplicationKey, now: number): FirstSending | undefined {
    this.#forget.run(now - INTERVAL_MS);
    return this.#find.get(queue, scope, deduplicationId) as FirstSending | undefined;
  }

  remember({ queue, scope, deduplicationId }: DeduplicationKey, first: FirstSending, now: number): void {
    this.#insert.run(queue, scope, deduplicationId, first.messageId, first.sequenceNumber, now);
  }
}
