/** An event source mapping as its API sees it: what it reads for whom, and whether it does. */

/** What reads the source and invokes the function. */
export interface Reader {
  start(): void;
  /** It is not started again. */
  stop(): void;
  /** Something may have been written to a table. */
  poll?(): void;
}

export interface EventSourceSettings {
  readonly uuid: string;
  /** Of the mapping itself. */
  readonly arn: string;
  readonly sourceArn: string;
  readonly functionArn: string;
  readonly batchSize: number;
  readonly windowSeconds: number;
  /** Of queues only. */
  readonly maximumConcurrency: number | undefined;
}

export class EventSource {
  readonly settings: EventSourceSettings;
  readonly #open: () => Reader;
  #reader: Reader | undefined;
  #isRunning = false;
  #modifiedAt = Date.now();

  /** @param open makes a reader that goes on where the one before it ended; none stands for a disabled mapping */
  constructor(settings: EventSourceSettings, open: () => Reader, enabled: boolean) {
    this.settings = settings;
    this.#open = open;
    // Opened in any case: what Lambda would refuse is refused when the mapping is created.
    const reader = open();
    this.#reader = enabled ? reader : undefined;
  }

  get enabled(): boolean {
    return this.#reader !== undefined;
  }

  /** Milliseconds since 1970. */
  get modifiedAt(): number {
    return this.#modifiedAt;
  }

  /** The cloud has booted. */
  start(): void {
    this.#isRunning = true;
    this.#reader?.start();
  }

  /** The cloud ends. */
  stop(): void {
    this.#isRunning = false;
    this.#reader?.stop();
  }

  enable(on: boolean): void {
    if (on === this.enabled) return;
    this.#modifiedAt = Date.now();
    this.#reader?.stop();
    this.#reader = on ? this.#open() : undefined;
    if (this.#isRunning) this.#reader?.start();
  }

  poll(): void {
    this.#reader?.poll?.();
  }
}
