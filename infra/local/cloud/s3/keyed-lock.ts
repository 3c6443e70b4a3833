// One at a time for each key: what S3 does at once takes several files here.

export class KeyedLock {
  readonly #last = new Map<string, Promise<void>>();

  /** Runs `work` when all earlier work on this key has ended, well or not. */
  async run<T>(key: string, work: () => Promise<T>): Promise<T> {
    const before = this.#last.get(key);
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#last.set(key, promise);
    await before;
    try {
      return await work();
    } finally {
      if (this.#last.get(key) === promise) this.#last.delete(key);
      resolve();
    }
  }
}
