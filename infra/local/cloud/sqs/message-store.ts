// The messages of all queues, in SQLite: what is where, when it becomes visible, how often it was received.

import type { DatabaseSync, StatementSync } from 'node:sqlite';

/** A row of the store; times are milliseconds since 1970. */
export interface StoredMessage {
  id: string;
  queue: string;
  body: string;
  body_md5: string;
  /** JSON of the message attributes. */
  attributes: string;
  sent_at: number;
  visible_at: number;
  expires_at: number;
  receive_count: number;
  first_received_at: number;
  /** When the latest receipt was given. */
  received_at: number;
  /** The handle of the latest receipt; null when it was never received or has been put back. */
  receipt: string | null;
  dead_letter_source: string | null;
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
    received_at INTEGER NOT NULL, receipt TEXT, dead_letter_source TEXT
  ) STRICT;
  CREATE INDEX IF NOT EXISTS messages_by_visibility ON messages (queue, visible_at, position);`;

/** Statements over the messages table. What the queue's rules are is not known here. */
export class MessageStore {
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  constructor(database: DatabaseSync) {
    this.#database = database;
    database.exec(TABLE);
  }

  insert(message: StoredMessage): void {
    this.#prepare(
      `INSERT INTO messages (id, queue, body, body_md5, attributes, sent_at, visible_at, expires_at, receive_count,
         first_received_at, received_at, receipt, dead_letter_source)
       VALUES (:id, :queue, :body, :body_md5, :attributes, :sent_at, :visible_at, :expires_at, :receive_count,
         :first_received_at, :received_at, :receipt, :dead_letter_source)`,
    ).run({ ...message });
  }

  /** The visible messages of a queue, the one that has been waiting longest first. */
  visible(queue: string, now: number, limit: number): StoredMessage[] {
    return this.#prepare(
      'SELECT * FROM messages WHERE queue = ? AND visible_at <= ? ORDER BY visible_at, position LIMIT ?',
    ).all(queue, now, limit) as unknown as StoredMessage[];
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
    this.#prepare('DELETE FROM messages WHERE queue = ? AND expires_at <= ?').run(queue, now);
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

  /** Runs `work` in one transaction. */
  transaction<T>(work: () => T): T {
    this.#database.exec('BEGIN');
    try {
      const result = work();
      this.#database.exec('COMMIT');
      return result;
    } catch (error) {
      this.#database.exec('ROLLBACK');
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
