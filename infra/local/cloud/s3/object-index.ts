/** Which objects exist, in the state's database: everything about them but their bytes. */
import type { DatabaseSync, SQLOutputValue } from 'node:sqlite';
import type { Checksum } from './payload.ts';

export interface StoredObject {
  readonly key: string;
  /** The name of the file that holds the bytes. */
  readonly file: string;
  readonly size: number;
  /** With its quotation marks, as in the ETag header. */
  readonly etag: string;
  /** Milliseconds since 1970. */
  readonly modifiedAt: number;
  /** Headers that come back with the object: content-type, cache-control, x-amz-meta-… */
  readonly headers: Readonly<Record<string, string>>;
  readonly checksum: Checksum | undefined;
}

const TABLE = `
  CREATE TABLE IF NOT EXISTS objects (
    bucket TEXT NOT NULL, key TEXT NOT NULL, file TEXT NOT NULL, size INTEGER NOT NULL, etag TEXT NOT NULL,
    modified_at INTEGER NOT NULL, headers TEXT NOT NULL, checksum TEXT, PRIMARY KEY (bucket, key)
  ) STRICT, WITHOUT ROWID;`;

export class ObjectIndex {
  readonly #database: DatabaseSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
    database.exec(TABLE);
  }

  find(bucket: string, key: string): StoredObject | undefined {
    const row = this.#database.prepare('SELECT * FROM objects WHERE bucket = ? AND key = ?').get(bucket, key);
    return row && fromRow(row);
  }

  put(bucket: string, object: StoredObject): void {
    this.#database
      .prepare('INSERT OR REPLACE INTO objects VALUES (?, ?, ?, ?, ?, ?, ?, ?)')
      .run(
        bucket,
        object.key,
        object.file,
        object.size,
        object.etag,
        object.modifiedAt,
        JSON.stringify(object.headers),
        object.checksum ? JSON.stringify(object.checksum) : null,
      );
  }

  delete(bucket: string, key: string): void {
    this.#database.prepare('DELETE FROM objects WHERE bucket = ? AND key = ?').run(bucket, key);
  }

  /** The objects whose keys begin with `prefix` and come after `after`, in S3's order: by the bytes of UTF-8. */
  *list(bucket: string, prefix: string, after: string): Generator<StoredObject> {
    const rows = this.#database
      .prepare(
        `SELECT * FROM objects
         WHERE bucket = :bucket AND key >= :prefix AND key > :after AND substr(key, 1, length(:prefix)) = :prefix
         ORDER BY key`,
      )
      .iterate({ bucket, prefix, after });
    for (const row of rows) yield fromRow(row);
  }

  /** The names of all files that hold an object. */
  files(): Set<string> {
    const rows = this.#database.prepare('SELECT file FROM objects').all();
    return new Set(rows.map((row) => String(row.file)));
  }
}

function fromRow(row: Record<string, SQLOutputValue>): StoredObject {
  return {
    key: String(row.key),
    file: String(row.file),
    size: Number(row.size),
    etag: String(row.etag),
    modifiedAt: Number(row.modified_at),
    headers: JSON.parse(String(row.headers)) as Record<string, string>,
    checksum: row.checksum === null ? undefined : (JSON.parse(String(row.checksum)) as Checksum),
  };
}
