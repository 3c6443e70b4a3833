/** The messages of all queues, in SQLite: what is where, when it becomes visible, how often it was received. */

import type { DatabaseSync, StatementSync } from 'node:sqlite';

/** A message as it enters a queue; times are milliseconds since 1970. */
export interface NewMessage {
  readonly id: string;
  readonly body: string;
  readonly body_md5: string;
  /** JSON of the message attributes. */
  readonly attributes: string;
  /** Null in a standard queue, like the deduplication id. */
  readonly message_group: string | null;
  readonly deduplication_id: string | null;
  readonly sent_at: number;
  readonly visible_at: number;
  /** The ARN of the queue that moved the message to its dead-letter queue. */
  readonly dead_letter_source: string | null;
}

/** A row of the store. */
export interface StoredMessage extends NewMessage {
  /** Rises with every message that enters any queue, and is never used again. */
  readonly position: number;
  readonly queue: string;
  readonly expires_at: number;
  receive_count: number;
  first_received_at: number;
  /** When the latest receipt was given. */
  received_at: number;
  /** The handle of the latest receipt; null when it was never received. */
  receipt: string | null;
}

export interface Depth {
  readonly visible: number;
  readonly inFlight: number;
  readonly delayed: number;
}

const TABLE = `
  CREATE TABLE IF NOT EXISTS messages (
    position INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, queue TEXT NOT NULL, body TEXT NOT NULL,
    body_md5 TEXT NOT NULL, attributes TEXT NOT NULL, sent_at INTEGER NOT NULL, visible_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL, receive_count INTEGER NOT NULL, first_received_at INTEGER NOT NULL,
    received_at INTEGER NOT NULL, receipt TEXT, dead_letter_source TEXT, message_group TEXT, deduplication_id TEXT
  ) STRICT;`;
const INDEXES = `
  CREATE INDEX IF NOT EXISTS messages_by_visibility ON messages (queue, visible_at, position);
  CREATE INDEX IF NOT EXISTS messages_by_position ON messages (queue, position);
  CREATE INDEX IF NOT EXISTS messages_by_expiry ON messages (queue, expires_at);
  CREATE INDEX IF NOT EXISTS messages_by_group ON messages (queue, message_group, position);
  CREATE INDEX IF NOT EXISTS messages_in_flight ON messages (queue, visible_at) WHERE receipt IS NOT NULL;`;

/** Statements over the messages table, without the queue's rules. */
export class MessageStore {
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  constructor(database: DatabaseSync) {
    this.#database = database;
    database.exec(TABLE);
    database.exec(INDEXES);
  }

  /** Inserts a message that was never received; answers its position. */
  insert(message: NewMessage, queue: string, expiresAt: number): number {
    const { lastInsertRowid } = this.#prepare(
      `INSERT INTO messages (id, queue, body, body_md5, attributes, message_group, deduplication_id, sent_at, visible_at,
         expires_at, receive_count, first_received_at, received_at, dead_letter_source)
       VALUES (:id, :queue, :body, :body_md5, :attributes, :message_group, :deduplication_id, :sent_at, :visible_at,
         :expiresAt, 0, 0, 0, :dead_letter_source)`,
    ).run({ ...message, queue, expiresAt });
    return Number(lastInsertRowid);
  }

  /** The visible messages of a queue, the one that has been waiting longest first. */
  visible(queue: string, now: number, limit: number): StoredMessage[] {
    return this.#prepare(
      'SELECT * FROM messages WHERE queue = ? AND visible_at <= ? ORDER BY visible_at, position LIMIT ?',
    ).all(queue, now, limit) as unknown as StoredMessage[];
  }

  /**
   * The oldest visible message of a FIFO queue whose message group may be received from, and those of its group behind it.
   * A group waits while one of its messages is in flight; a delayed message holds back what was sent after it.
   * Only the oldest `scanned` messages are searched.
   */
  nextOfOneGroup(queue: string, now: number, limit: number, scanned: number): StoredMessage[] {
    // The indexes are named: SQLite would take the one by visibility, and sort all that is visible each time.
    const head = this.#prepare(
      `SELECT message_group AS messageGroup
       FROM (SELECT position, message_group, visible_at FROM messages INDEXED BY messages_by_position
             WHERE queue = :queue ORDER BY position LIMIT :scanned) AS candidate
       WHERE visible_at <= :now AND NOT EXISTS (
         SELECT 1 FROM messages AS other INDEXED BY messages_by_group
         WHERE other.queue = :queue AND other.message_group = candidate.message_group
           AND other.visible_at > :now AND (other.receipt IS NOT NULL OR other.position < candidate.position))
       ORDER BY position LIMIT 1`,
    ).get({ queue, now, scanned }) as { messageGroup: string } | undefined;
    if (!head) return [];
    return this.#prepare(
      `SELECT * FROM messages INDEXED BY messages_by_group
       WHERE queue = :queue AND message_group = :messageGroup AND visible_at <= :now
         AND position < coalesce(
           (SELECT min(position) FROM messages INDEXED BY messages_by_group
            WHERE queue = :queue AND message_group = :messageGroup AND visible_at > :now), position + 1)
       ORDER BY position LIMIT :limit`,
    ).all({ queue, now, limit, messageGroup: head.messageGroup }) as unknown as StoredMessage[];
  }

  all(queue: string): StoredMessage[] {
    const statement = this.#prepare('SELECT * FROM messages WHERE queue = ? ORDER BY position');
    return statement.all(queue) as unknown as StoredMessage[];
  }

  find(id: string): StoredMessage | undefined {
    return this.#prepare('SELECT * FROM messages WHERE id = ?').get(id) as StoredMessage | undefined;
  }

  markReceived(id: string, receipt: string, visibleAt: number, now: number): void {
    this.#prepare(
      `UPDATE messages SET receipt = ?, visible_at = ?, receive_count = receive_count + 1, received_at = ?,
         first_received_at = CASE first_received_at WHEN 0 THEN ? ELSE first_received_at END WHERE id = ?`,
    ).run(receipt, visibleAt, now, now, id);
  }

  setVisibleAt(id: string, visibleAt: number): void {
    this.#prepare('UPDATE messages SET visible_at = ? WHERE id = ?').run(visibleAt, id);
  }

  setAllVisible(queue: string, now: number): void {
    this.#prepare('UPDATE messages SET visible_at = ?1 WHERE queue = ?2 AND visible_at > ?1').run(now, queue);
  }

  delete(id: string): void {
    this.#prepare('DELETE FROM messages WHERE id = ?').run(id);
  }

  deleteExpired(queue: string, now: number): void {
    this.#prepare(
      'DELETE FROM messages INDEXED BY messages_by_expiry WHERE queue = ? AND expires_at <= ?',
    ).run(queue, now);
  }

  deleteAll(queue: string): void {
    this.#prepare('DELETE FROM messages WHERE queue = ?').run(queue);
  }

  /** When the next message of the queue becomes visible; undefined when none is waiting for that. */
  nextVisibleAt(queue: string, now: number): number | undefined {
    const statement = this.#prepare(
      'SELECT visible_at FROM messages WHERE queue = ? AND visible_at > ? ORDER BY visible_at LIMIT 1',
    );
    return (statement.get(queue, now) as { visible_at: number } | undefined)?.visible_at;
  }

  /** How many messages are visible, in flight (received, not yet visible again) and delayed. */
  depth(queue: string, now: number): Depth {
    const row = this.#prepare(
      `SELECT count(*) FILTER (WHERE visible_at <= :now) AS visible,
              count(*) FILTER (WHERE visible_at > :now AND receipt IS NOT NULL) AS inFlight,
              count(*) FILTER (WHERE visible_at > :now AND receipt IS NULL) AS delayed
       FROM messages WHERE queue = :queue AND expires_at > :now`,
    ).get({ queue, now });
    return { ...row } as unknown as Depth;
  }

  /**
   * When the oldest message was sent that has been received at most so often; undefined when there is none. Dead letters do not
   * count: their age is that of their move, which nobody noted.
   */
  oldestSentAt(queue: string, now: number, mostReceives: number): number | undefined {
    const statement = this.#prepare(
      `SELECT min(sent_at) AS sentAt FROM messages
       WHERE queue = ? AND expires_at > ? AND receive_count <= ? AND dead_letter_source IS NULL`,
    );
    return (statement.get(queue, now, mostReceives) as { sentAt: number | null }).sentAt ?? undefined;
  }

  /** How many messages are visible, counted up to `most`. */
  visibleCount(queue: string, now: number, most: number): number {
    const row = this.#prepare(
      'SELECT count(*) AS count FROM (SELECT 1 FROM messages WHERE queue = ? AND visible_at <= ? LIMIT ?)',
    ).get(queue, now, most);
    return (row as { count: number }).count;
  }

  /** How many messages are in flight, counted up to `most`. */
  inFlight(queue: string, now: number, most: number): number {
    const row = this.#prepare(
      `SELECT count(*) AS count FROM (
         SELECT 1 FROM messages INDEXED BY messages_in_flight
         WHERE queue = ? AND visible_at > ? AND receipt IS NOT NULL LIMIT ?)`,
    ).get(queue, now, most);
    return (row as { count: number }).count;
  }

  /** Runs `work` in one transaction. */
  transaction<T>(work: () => T): T {
    this.#database.exec('BEGIN');
    try {
      const result = work();
      this.#database.exec('COMMIT');
      return result;
    } catch (error) {
      // A full disk ends the transaction by itself.
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
      throw error;
    }
  }

  #prepare(sql: string): StatementSync {
    const known = this.#statements.get(sql);
    if (known) return known;
    const statement = this.#database.prepare(sql);
    this.#statements.set(sql, statement);
    return statement;
  }
}
