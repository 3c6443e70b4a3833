/** A clock that jumps to the next thing that is waited for, once everything that can happen before has happened. */
export class VirtualTime {
  /** Milliseconds since 1970. */
  ms = 1_800_000_000_000;
  readonly #sleepers = new Map<number, (() => void)[]>();

  sleep(ms: number): Promise<void> {
    const at = this.ms + Math.max(0, Math.ceil(ms));
    return new Promise((resolve) => {
      const there = this.#sleepers.get(at);
      if (there) there.push(resolve);
      else this.#sleepers.set(at, [resolve]);
    });
  }

  /** Lets so much time pass. */
  async pass(ms: number): Promise<void> {
    const end = this.ms + ms;
    for (;;) {
      // Whatever promises have in hand is done before an immediate is called.
      await new Promise((resolve) => setImmediate(resolve));
      const next = [...this.#sleepers.keys()].reduce((least, at) => Math.min(least, at), end + 1);
      if (next > end) break;
      this.ms = next;
      const sleepers = this.#sleepers.get(next)!;
      this.#sleepers.delete(next);
      for (const wake of sleepers) wake();
    }
    this.ms = end;
  }
}
