/** Tells those who wait for a queue when a message may have become visible. */

/** setTimeout's longest wait; a message that becomes visible later is looked for again then. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export class VisibilityWatch {
  readonly #nextVisibleAt: (now: number) => number | undefined;
  readonly #listeners = new Set<() => void>();
  #timer: NodeJS.Timeout | undefined;
  #announced = false;

  /** `nextVisibleAt` answers when the next hidden message becomes visible, in milliseconds since 1970. */
  constructor(nextVisibleAt: (now: number) => number | undefined) {
    this.#nextVisibleAt = nextVisibleAt;
  }

  /** Calls `listener` whenever a message may have become visible; answers the function that stops it. */
  onVisible(listener: () => void): () => void {
    this.#listeners.add(listener);
    this.watch();
    return () => this.#listeners.delete(listener);
  }

  /** Calls the listeners a microtask later: they may receive at once, which must not happen inside a transaction. */
  announce(): void {
    if (this.#announced) return;
    this.#announced = true;
    queueMicrotask(() => {
      this.#announced = false;
      for (const listener of [...this.#listeners]) listener();
      this.watch();
    });
  }

  /** Sets the timer for the next message that becomes visible, if somebody listens. */
  watch(): void {
    clearTimeout(this.#timer);
    if (this.#listeners.size === 0) return;
    const now = Date.now();
    const next = this.#nextVisibleAt(now);
    if (next === undefined) return;
    this.#timer = setTimeout(() => this.announce(), Math.min(next - now + 1, LONGEST_TIMER_MS));
    this.#timer.unref();
  }

  close(): void {
    this.#listeners.clear();
    clearTimeout(this.#timer);
  }
}
