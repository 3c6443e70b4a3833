/**
 * Where the local cloud keeps what must outlive it: one directory that only its owner can read, with one small database
 * in it. It holds secrets.
 */
import { chmodSync, closeSync, existsSync, openSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Failures } from './failure.ts';

export interface State {
  /** Messages, secrets, the index of objects, names of tables, positions in streams. */
  readonly database: DatabaseSync;
  /** DynamoDB's own database file; undefined keeps the tables in memory. */
  readonly tablesFile: string | undefined;
  readonly objectsDir: string;
  /** Scratch space, always removed at the end. */
  readonly scratchDir: string;
  close(): Promise<void>;
}

/** To be raised with every change of a table's columns or of what lies in the directory. */
const VERSION = 2;
const DATABASE = 'cloud.db';
const SQLITE_BUSY = 5;

/**
 * Opens the state kept in `directory`, or one that vanishes when closed.
 * @throws Error when another local cloud uses it, or another version of it kept it. Nothing is left behind then.
 */
export async function openState(directory: string | undefined, failures: Failures): Promise<State> {
  if (directory !== undefined) {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    await chmod(directory, 0o700);
  }
  const database = openDatabase(directory, failures);
  try {
    const scratchDir = await mkdtemp(join(tmpdir(), 'local-cloud-'));
    return {
      database,
      tablesFile: directory === undefined ? undefined : join(directory, 'tables.db'),
      objectsDir: join(directory ?? scratchDir, 'objects'),
      scratchDir,
      close: async () => {
        database.close();
        await rm(scratchDir, { recursive: true, force: true });
      },
    };
  } catch (error) {
    database.close();
    throw error;
  }
}

/**
 * Uses the database of a state, of whatever version, that no local cloud is using.
 * @returns undefined where there is none
 * @throws Error when a local cloud is using it
 */
export function useUnusedState<T>(directory: string, use: (database: DatabaseSync) => T): T | undefined {
  const file = join(directory, DATABASE);
  if (!existsSync(file)) return undefined;
  const database = new DatabaseSync(file);
  try {
    return asItsOnlyUser(database, directory, use);
  } finally {
    database.close();
  }
}

function openDatabase(directory: string | undefined, failures: Failures): DatabaseSync {
  const file = directory === undefined ? ':memory:' : privateFile(directory);
  const database = new WatchedDatabase(file, failures);
  try {
    return asItsOnlyUser(database, directory, () => {
      expectVersion(database, directory);
      return database;
    });
  } catch (error) {
    database.close();
    throw error;
  }
}

/** Nobody else can use the database until it is closed. @throws Error when another process does */
function asItsOnlyUser<T>(
  database: DatabaseSync,
  directory: string | undefined,
  use: (database: DatabaseSync) => T,
): T {
  try {
    // It has to survive the end of the process, not of the machine: no fsync per message.
    database.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF;');
    database.exec('BEGIN IMMEDIATE; COMMIT;');
    return use(database);
  } catch (cause) {
    if ((cause as { errcode?: number }).errcode !== SQLITE_BUSY) throw cause;
    throw new Error(`the state in ${directory} is in use by another local cloud`, { cause });
  }
}

/** The database's file; SQLite gives the files beside it the same mode. */
function privateFile(directory: string): string {
  const file = join(directory, DATABASE);
  closeSync(openSync(file, 'a', 0o600));
  chmodSync(file, 0o600);
  return file;
}

function expectVersion(database: DatabaseSync, directory: string | undefined): void {
  const isEmpty = database.prepare('SELECT 1 FROM sqlite_schema').get() === undefined;
  if (isEmpty) database.exec(`PRAGMA user_version = ${VERSION}`);
  const version = database.prepare('PRAGMA user_version').get()?.user_version;
  if (version === VERSION) return;
  throw new Error(`the state in ${directory} is of another version of the local cloud; forget it to go on`);
}

/** Reports a full disk from wherever the database is written, also where nobody waits for the write. */
class WatchedDatabase extends DatabaseSync {
  readonly #failures: Failures;

  constructor(file: string, failures: Failures) {
    super(file);
    this.#failures = failures;
  }

  override exec(sql: string): void {
    this.#watch(() => super.exec(sql));
  }

  override prepare(sql: string): StatementSync {
    const statement = super.prepare(sql);
    const run = StatementSync.prototype.run.bind(statement) as StatementSync['run'];
    statement.run = ((...values: Parameters<StatementSync['run']>) =>
      this.#watch(() => run(...values))) as StatementSync['run'];
    return statement;
  }

  #watch<T>(write: () => T): T {
    try {
      return write();
    } catch (error) {
      this.#failures.check(error);
      throw error;
    }
  }
}
