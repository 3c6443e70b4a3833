/** How far each stream mapping has come, kept in the state so that nothing is lost between two runs. */

import type { DatabaseSync } from 'node:sqlite';

export class StreamPositions {
  readonly #database: DatabaseSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
    database.exec(
      'CREATE TABLE IF NOT EXISTS positions (mapping TEXT PRIMARY KEY, sequence TEXT NOT NULL) STRICT',
    );
  }

  /** The sequence number up to which all records are settled. `mapping` names the mapping and its stream. */
  find(mapping: string): string | undefined {
    const row = this.#database.prepare('SELECT sequence FROM positions WHERE mapping = ?').get(mapping);
    return row?.sequence as string | undefined;
  }

  keep(mapping: string, sequence: string): void {
    this.#database
      .prepare(
        'INSERT INTO positions VALUES (?, ?) ON CONFLICT (mapping) DO UPDATE SET sequence = excluded.sequence',
      )
      .run(mapping, sequence);
  }
}
