// Where the local cloud keeps what must outlive it: one directory, with one small database in it.

import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

export interface State {
  /** Messages, secrets and stream positions. */
  readonly database: DatabaseSync;
  /** DynamoDB's own database file; undefined keeps the tables in memory. */
  readonly tablesFile: string | undefined;
  readonly objectsDir: string;
  /** Scratch room, always removed at the end. */
  readonly scratchDir: string;
  close(): Promise<void>;
}

/** Opens the state kept in `directory`, or one that vanishes when closed. */
export async function openState(directory?: string): Promise<State> {
  const scratchDir = await mkdtemp(join(tmpdir(), 'wanhook-'));
  const objectsDir = join(directory ?? scratchDir, 'objects');
  await mkdir(objectsDir, { recursive: true });
  const database = openDatabase(directory);
  return {
    database,
    tablesFile: directory ? join(directory, 'tables.db') : undefined,
    objectsDir,
    scratchDir,
    close: async () => {
      database.close();
      await rm(scratchDir, { recursive: true, force: true });
    },
  };
}

/** The state has to survive the end of the process, not of the machine: no fsync a message. */
function openDatabase(directory: string | undefined): DatabaseSync {
  const database = new DatabaseSync(directory ? join(directory, 'cloud.db') : ':memory:');
  try {
    database.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF;');
    database.exec('CREATE TABLE IF NOT EXISTS lock (held INTEGER); BEGIN IMMEDIATE; COMMIT;');
  } catch (cause) {
    database.close();
    throw new Error(`the state in ${directory} is in use by another local cloud`, { cause });
  }
  return database;
}
