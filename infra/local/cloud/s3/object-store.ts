/**
 * The objects of all buckets. The bytes lie in files that are never changed, one per put; the index names the file of
 * each object. So an object appears whole or not at all, and whoever is reading an older one reads on undisturbed:
 *
 *   put     bytes → new file ── verified ──► index names it ──► file of the object before it is removed
 *   crash   before the index names it: a file that nothing names, removed at the next start
 */
import { randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream, openSync } from 'node:fs';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { State } from '../state.ts';
import { ObjectIndex, type StoredObject } from './object-index.ts';
import type { Payload } from './payload.ts';
import type { Range } from './range.ts';
import { noSuchBucket, preconditionFailed } from './s3-error.ts';

export interface Put {
  readonly bucket: string;
  readonly key: string;
  readonly payload: Payload;
  /** Headers that come back with the object. */
  readonly headers: Readonly<Record<string, string>>;
  /** Refuses to replace an object (`If-None-Match: *`). */
  readonly onlyIfAbsent: boolean;
}

/** A random UUID. */
const FILE_NAME = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export class ObjectStore {
  readonly #directory: string;
  readonly #index: ObjectIndex;
  readonly #buckets = new Set<string>();

  constructor(state: State) {
    this.#directory = state.objectsDir;
    this.#index = new ObjectIndex(state.database);
  }

  /** Removes the files that a run before has left without an object. */
  async open(): Promise<void> {
    await mkdir(this.#directory, { recursive: true });
    const named = this.#index.files();
    const nameless = (await readdir(this.#directory)).filter(
      (file) => FILE_NAME.test(file) && !named.has(file),
    );
    await Promise.all(nameless.map((file) => this.#remove(file)));
  }

  createBucket(name: string): void {
    this.#buckets.add(name);
  }

  buckets(): string[] {
    return [...this.#buckets].sort();
  }

  /** @throws AwsError NoSuchBucket */
  expectBucket(name: string): void {
    if (!this.#buckets.has(name)) throw noSuchBucket();
  }

  find(bucket: string, key: string): StoredObject | undefined {
    this.expectBucket(bucket);
    return this.#index.find(bucket, key);
  }

  list(bucket: string, prefix: string, after: string): Iterable<StoredObject> {
    this.expectBucket(bucket);
    return this.#index.list(bucket, prefix, after);
  }

  /**
   * Stores an object when all its bytes have come and are what they were announced to be.
   * @throws AwsError what the payload's verification throws; PreconditionFailed when there is an object already and
   *   none may be replaced. Nothing is stored then.
   */
  async put({ bucket, key, payload, headers, onlyIfAbsent }: Put): Promise<StoredObject> {
    this.#refuseReplacing(bucket, key, onlyIfAbsent);
    const file = randomUUID();
    try {
      await pipeline(payload.content(), createWriteStream(this.#path(file), { flags: 'wx', mode: 0o600 }));
      const before = this.#refuseReplacing(bucket, key, onlyIfAbsent);
      const { size, md5, checksum } = payload.verified;
      const object = { key, file, size, etag: `"${md5}"`, modifiedAt: Date.now(), headers, checksum };
      this.#index.put(bucket, object);
      if (before) await this.#remove(before.file);
      return object;
    } catch (error) {
      if (this.#index.find(bucket, key)?.file !== file) await this.#remove(file);
      throw error;
    }
  }

  /** The bytes of an object from `start` to `end`, both included. To be called in the same tick as `find`. */
  read({ file, size }: StoredObject, { start, end }: Range = { start: 0, end: size - 1 }): Readable {
    if (size === 0) return Readable.from([]);
    // Opened here and now: a put that comes in between would remove the file.
    return createReadStream('', { fd: openSync(this.#path(file), 'r'), start, end });
  }

  async delete(bucket: string, key: string): Promise<void> {
    const object = this.find(bucket, key);
    if (!object) return;
    this.#index.delete(bucket, key);
    await this.#remove(object.file);
  }

  #refuseReplacing(bucket: string, key: string, refuse: boolean): StoredObject | undefined {
    const before = this.find(bucket, key);
    if (before && refuse) throw preconditionFailed();
    return before;
  }

  #path(file: string): string {
    return join(this.#directory, file);
  }

  async #remove(file: string): Promise<void> {
    await rm(this.#path(file), { force: true });
  }
}
