/** Virtual time: what is to happen, in order. Hours pass in no time, and equal runs pass equally. */

export interface Scheduled {
  readonly at: number;
  readonly order: number;
  run: (() => void) | undefined;
}

export class Clock {
  /** Milliseconds since 1970. */
  now: number;
  readonly #heap: Scheduled[] = [];
  #count = 0;

  constructor(now: number) {
    this.now = now;
  }

  after(ms: number, run: () => void): Scheduled {
    const scheduled = { at: this.now + Math.max(0, ms), order: this.#count++, run };
    this.#heap.push(scheduled);
    this.#up(this.#heap.length - 1);
    return scheduled;
  }

  pause = (ms: number, signal?: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      const scheduled = this.after(ms, resolve);
      signal?.addEventListener('abort', () => {
        scheduled.run = undefined;
        reject(signal.reason);
      });
    });

  /** Lets the next thing happen, and everything that follows from it at once. @returns false when nothing is left */
  async step(): Promise<boolean> {
    let next = this.#pop();
    while (next && !next.run) next = this.#pop();
    if (!next?.run) return false;
    this.now = next.at;
    next.run();
    // No function here waits for anything but a promise of ours: when the immediates run, all have come to a stop.
    await new Promise(setImmediate);
    return true;
  }

  #pop(): Scheduled | undefined {
    const first = this.#heap[0];
    const last = this.#heap.pop();
    if (last && this.#heap.length > 0) {
      this.#heap[0] = last;
      this.#down();
    }
    return first;
  }

  #up(from: number): void {
    let at = from;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!isBefore(this.#heap[at]!, this.#heap[parent]!)) return;
      this.#swap(at, parent);
      at = parent;
    }
  }

  #down(): void {
    let at = 0;
    for (;;) {
      const [left, right] = [2 * at + 1, 2 * at + 2];
      let least = at;
      for (const child of [left, right]) {
        if (child < this.#heap.length && isBefore(this.#heap[child]!, this.#heap[least]!)) least = child;
      }
      if (least === at) return;
      this.#swap(at, least);
      at = least;
    }
  }

  #swap(a: number, b: number): void {
    const kept = this.#heap[a]!;
    this.#heap[a] = this.#heap[b]!;
    this.#heap[b] = kept;
  }
}

const isBefore = (a: Scheduled, b: Scheduled): boolean => a.at < b.at || (a.at === b.at && a.order < b.order);
