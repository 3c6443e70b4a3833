/** What came in and what went out, so that tests can count it. */
type Who = { key: string | undefined };

/** A request as it was received; `at` is epoch ms, `status` what was answered. */
export type RequestEntry = Who & {
  method: string;
  path: string;
  /** Without `authorization`. */
  headers: Record<string, unknown>;
  /** Parsed when it is JSON, otherwise the text. */
  body: unknown;
  at: number;
  status: number | 'hang' | 'drop';
  ms: number;
};

/** One attempt to deliver a callback; `attempt` counts from 1 in each delivery. */
export type CallbackEntry = Who & {
  taskId: string;
  url: string;
  body: unknown;
  attempt: number;
  at: number;
  status: number | undefined;
  error?: string;
  ms: number;
};

/** One fetch of a result link. */
export type DownloadEntry = Who & {
  taskId: string;
  index: number;
  at: number;
  status: number | 'hang' | 'drop';
};

export type Calls = { requests: RequestEntry[]; callbacks: CallbackEntry[]; downloads: DownloadEntry[] };

/** Keeps every entry until it is cleared. */
export class Journal {
  #calls: Calls = { requests: [], callbacks: [], downloads: [] };

  request(entry: RequestEntry): void {
    this.#calls.requests.push(entry);
  }

  callback(entry: CallbackEntry): void {
    this.#calls.callbacks.push(entry);
  }

  download(entry: DownloadEntry): void {
    this.#calls.downloads.push(entry);
  }

  /** The entries of one account, oldest first, or all without a key. */
  of(key: string | undefined): Calls {
    return this.#filtered((entry) => key === undefined || entry.key === key);
  }

  clear(key: string | undefined): void {
    this.#calls = this.#filtered((entry) => key !== undefined && entry.key !== key);
  }

  #filtered(wanted: (entry: Who) => boolean): Calls {
    const { requests, callbacks, downloads } = this.#calls;
    return {
      requests: requests.filter(wanted),
      callbacks: callbacks.filter(wanted),
      downloads: downloads.filter(wanted),
    };
  }
}
