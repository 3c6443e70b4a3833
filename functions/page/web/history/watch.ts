/**
 * When the history is read again: only while something runs and somebody looks. Pauses grow with the time that has
 * passed since the last change, so that a quick task is seen at once and a slow one costs little.
 *
 *   running, visible   read ─pause─► read ─pause─► …
 *   nothing runs       no request
 *   hidden             no request; on return one at once if something runs
 */

export interface WatchDependencies {
  /** Reads the history; false when it could not be read. */
  readonly read: () => Promise<boolean>;
  readonly isRunning: () => boolean;
  readonly isVisible: () => boolean;
  readonly now: () => number;
  /** Calls back after so many milliseconds; returns what cancels it. */
  readonly later: (callback: () => void, ms: number) => () => void;
}

const SHORTEST_MS = 1000;
const LONGEST_MS = 60_000;
/** A tenth of the time that has passed: a picture is seen at most so much later than it is there. */
const SHARE = 0.1;

/** @param quietMs since something changed; @param failures in a row */
export function pauseMs(quietMs: number, failures: number): number {
  const pause = SHORTEST_MS + SHARE * Math.max(0, quietMs);
  return Math.min(LONGEST_MS, pause * 2 ** failures);
}

export class Watch {
  readonly #dependencies: WatchDependencies;
  #since: number;
  #failures = 0;
  #reading = false;
  #cancel: (() => void) | undefined;

  constructor(dependencies: WatchDependencies) {
    this.#dependencies = dependencies;
    this.#since = dependencies.now();
  }

  /** Something began or changed: pauses are short again. */
  changed(): void {
    this.#since = this.#dependencies.now();
    this.#failures = 0;
    this.#schedule();
  }

  /** Somebody looks again, or the network is back. */
  returned(): void {
    this.#failures = 0;
    this.#stop();
    if (this.#isWanted()) void this.#read();
  }

  hidden(): void {
    this.#stop();
  }

  end(): void {
    this.#stop();
  }

  #isWanted(): boolean {
    return this.#dependencies.isRunning() && this.#dependencies.isVisible();
  }

  #stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #schedule(): void {
    this.#stop();
    if (this.#reading || !this.#isWanted()) return;
    const ms = pauseMs(this.#dependencies.now() - this.#since, this.#failures);
    this.#cancel = this.#dependencies.later(() => void this.#read(), ms);
  }

  async #read(): Promise<void> {
    if (this.#reading) return;
    this.#cancel = undefined;
    this.#reading = true;
    const isRead = await this.#dependencies.read().finally(() => {
      this.#reading = false;
    });
    this.#failures = isRead ? 0 : this.#failures + 1;
    this.#schedule();
  }
}
