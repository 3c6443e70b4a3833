/** What ends a local cloud from inside: its disk is full, or the server that keeps its tables has ended. */

/** The cloud can keep nothing more; the message says why, and what to do. */
export class CloudFailure extends Error {
  override readonly name = 'CloudFailure';
}

/** Of file systems: no space, no quota, no device, nothing may be written. */
const FILE_CODES = new Set(['ENOSPC', 'EDQUOT', 'EIO', 'EROFS']);
/** SQLITE_IOERR and SQLITE_FULL; the lower byte of an extended result code. */
const SQLITE_CODES = new Set([10, 13]);
/** The same, as a DynamoDB server over SQLite words them. */
const SQLITE_WORDS = /database or disk is full|disk I\/O error/;

/** Takes notice of the first failure and tells the one who started the cloud. */
export class Failures {
  readonly #tell: (failure: CloudFailure) => void;
  #first: CloudFailure | undefined;

  constructor(tell: (failure: CloudFailure) => void) {
    this.#tell = tell;
  }

  get first(): CloudFailure | undefined {
    return this.#first;
  }

  report(failure: CloudFailure): void {
    if (this.#first) return;
    this.#first = failure;
    this.#tell(failure);
  }

  /** Reports `error` when it says that nothing more can be stored; any other is none of our business. */
  check(error: unknown): void {
    if (isStorageError(error)) this.report(storageFailure(error));
  }

  /** The same for an error's text that another process wrote. */
  checkText(text: string): void {
    const words = SQLITE_WORDS.exec(text)?.[0];
    if (words) this.report(storageFailure(new Error(words)));
  }
}

function isStorageError(error: unknown): error is Error {
  if (!(error instanceof Error)) return false;
  const { code, errcode } = error as { code?: unknown; errcode?: unknown };
  if (code === 'ERR_SQLITE_ERROR') return typeof errcode === 'number' && SQLITE_CODES.has(errcode & 0xff);
  return FILE_CODES.has(String(code));
}

function storageFailure(cause: Error): CloudFailure {
  return new CloudFailure(
    `the local cloud can store nothing more (${cause.message}): free some disk space, and start it again`,
    { cause },
  );
}
