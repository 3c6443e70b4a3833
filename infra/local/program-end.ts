/** The end of a program that runs until it is stopped: by a signal, or because it cannot go on. */

export class ProgramEnd {
  readonly #steps: Array<() => Promise<void>> = [];
  #isEnding = false;

  /** From now on signals and errors that nobody catches end the program in order. */
  constructor() {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => this.#signalled());
    for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
      process.on(event, (error) => void this.fail(error instanceof Error ? (error.stack ?? error) : error));
    }
  }

  /** The second one is from somebody who will not wait. */
  #signalled(): void {
    if (this.#isEnding) process.exit(1);
    void this.end(0);
  }

  /** Has `step` taken at the end, after those that were added later. */
  before(step: () => Promise<void>): void {
    this.#steps.push(step);
  }

  /** Ends the program with exit code 1, and with what went wrong as its last words. Only the first failure is told. */
  async fail(what: unknown): Promise<void> {
    if (!this.#isEnding) console.error(what);
    await this.end(1);
  }

  /** Takes the steps, also after one that fails, and ends the program. */
  async end(code: number): Promise<void> {
    if (this.#isEnding) return;
    this.#isEnding = true;
    for (const step of this.#steps.reverse()) await step().catch(() => undefined);
    process.exit(code);
  }
}
