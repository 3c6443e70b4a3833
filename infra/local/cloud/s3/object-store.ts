// s3rver with its storing made safe: an object appears whole or not at all, and keeps its checksum.

import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { dirname, join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import S3rver from 's3rver';
import { KeyedLock } from './keyed-lock.ts';
import type { Payload } from './payload.ts';

type StoredObject = Parameters<S3rver['store']['putObject']>[0];

/** The objects in a directory, one subdirectory a bucket. */
export class ObjectStore {
  readonly #server: S3rver;
  readonly #scratch: string;
  readonly #handle: (request: IncomingMessage, response: ServerResponse) => Promise<void>;
  /** For work on one object, which is seen by others whole or not at all. */
  readonly lock = new KeyedLock();
  /** What the requests that are being answered carry; s3rver hands the request itself to the store as content. */
  readonly #payloads = new WeakMap<object, Payload>();

  constructor(directory: string) {
    // A rename is whole only within one file system, so the scratch room is in here too.
    this.#scratch = join(directory, '.partial');
    this.#server = new S3rver({ directory, silent: true, vhostBuckets: false });
    this.#server.store.putObject = (object) => this.#put(object);
    silence(this.#server);
    this.#handle = this.#server.callback();
  }

  async open(): Promise<void> {
    await rm(this.#scratch, { recursive: true, force: true });
    await mkdir(this.#scratch, { recursive: true });
  }

  async createBucket(name: string): Promise<void> {
    await this.#server.store.putBucket(name);
  }

  exists(bucket: string, key: string): Promise<boolean> {
    return this.#server.store.existsObject(bucket, key);
  }

  /**
   * The checksum that an object was put with: header name and base64 value. Nothing when the object is gone, or has
   * become another one by a way that leaves no checksum (a copy, a multipart upload).
   */
  async checksum(bucket: string, key: string): Promise<[name: string, value: string] | undefined> {
    const files = [
      this.#checksumFile(bucket, key),
      this.#server.store.getResourcePath(bucket, key, 'object.md5'),
    ];
    const [kept, md5] = await Promise.all(files.map((file) => readFile(file, 'utf8').catch(() => undefined)));
    if (kept === undefined || !(await this.exists(bucket, key))) return undefined;
    const [name, value, ofMd5] = JSON.parse(kept) as [string, string, string];
    return ofMd5 === md5 ? [name, value] : undefined;
  }

  /** Lets s3rver answer a request whose body has been read as `payload`. */
  async handle(request: IncomingMessage, response: ServerResponse, payload: Payload): Promise<void> {
    this.#payloads.set(request, payload);
    await this.#handle(request, response);
  }

  #checksumFile(bucket: string, key: string): string {
    return this.#server.store.getResourcePath(bucket, key, 'checksum.json');
  }

  /** s3rver's own way answers before the file is closed, and writes over an object that others may be reading. */
  async #put({ bucket, key, content, metadata }: StoredObject): Promise<{ size: number; md5: string }> {
    const payload = this.#payloads.get(content);
    const bytes = payload?.content ?? (Buffer.isBuffer(content) ? content : await buffer(content));
    const md5 = createHash('md5').update(bytes).digest('hex');
    const path = this.#server.store.getResourcePath(bucket, key, 'object');
    const partial = join(this.#scratch, randomUUID());
    await Promise.all([mkdir(dirname(path), { recursive: true }), writeFile(partial, bytes)]);
    await Promise.all([
      this.#server.store.putMetadata(bucket, key, metadata, md5),
      payload?.checksum
        ? writeFile(this.#checksumFile(bucket, key), JSON.stringify([...payload.checksum, md5]))
        : rm(this.#checksumFile(bucket, key), { force: true }),
    ]);
    await rename(partial, path);
    return { size: bytes.length, md5 };
  }
}

/** s3rver formats a line for every request and every object, also when nobody is to see it. */
function silence(server: S3rver): void {
  const nothing = (): void => undefined;
  server.middleware.shift();
  server.context.logger = { info: nothing, warn: nothing, error: nothing };
  server.logger.exceptions.unhandle();
  server.logger.close();
}
