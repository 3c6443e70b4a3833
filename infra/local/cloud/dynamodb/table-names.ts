/**
 * Which tables belong to a cloud. Several clouds may use one DynamoDB server, so a table whose name the template leaves
 * open gets one that no other cloud has, as CloudFormation gives it; the state keeps it.
 */
import { randomInt } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';

/** The resource is null for a table whose name the template gives. */
const TABLE = `
  CREATE TABLE IF NOT EXISTS table_names (
    server TEXT NOT NULL, name TEXT NOT NULL, resource TEXT, PRIMARY KEY (server, name), UNIQUE (server, resource)
  ) STRICT;`;
const EMBEDDED = 'embedded';
const CHARACTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';
const SUFFIX_LENGTH = 12;

export class TableNames {
  readonly #database: DatabaseSync;
  readonly #server: string;

  /** @param endpoint of the server that keeps the tables; undefined for the embedded one */
  constructor(database: DatabaseSync, endpoint: string | undefined) {
    this.#database = database;
    this.#server = endpoint ?? EMBEDDED;
    database.exec(TABLE);
  }

  /** The name of the table of the resource `<stack>-<logical id>`, the same in every run over the state. */
  nameOf(resource: string): string {
    const kept = this.#database
      .prepare('SELECT name FROM table_names WHERE server = ? AND resource = ?')
      .get(this.#server, resource);
    if (kept) return String(kept.name);
    const name = `${resource}-${suffix()}`;
    this.add(name, resource);
    return name;
  }

  /** Notes that a table is this cloud's. To be called before it is created, so that none is ever forgotten. */
  add(name: string, resource?: string): void {
    this.#database
      .prepare('INSERT OR IGNORE INTO table_names VALUES (?, ?, ?)')
      .run(this.#server, name, resource ?? null);
  }

  has(name: string): boolean {
    return this.all().includes(name);
  }

  all(): string[] {
    const rows = this.#database
      .prepare('SELECT name FROM table_names WHERE server = ? ORDER BY name')
      .all(this.#server);
    return rows.map(({ name }) => String(name));
  }
}

function suffix(): string {
  return Array.from({ length: SUFFIX_LENGTH }, () => CHARACTERS[randomInt(CHARACTERS.length)]).join('');
}
