/** What an owner's tasks amount to, by day and group. */
import { eachPage } from './pages.ts';

export interface UsageQuery {
  /** The first day, `2026-11-01`, in UTC; the first of the month of `to` unless it is given. */
  readonly from?: string | undefined;
  /** The last day; today unless it is given. */
  readonly to?: string | undefined;
  /** `day` unless told otherwise; of metadata only names that the deployment counts. */
  readonly group_by?: 'day' | 'model' | 'key' | `metadata.${string}` | undefined;
  /** The `next_cursor` of an earlier page, to go on after it. */
  readonly cursor?: string | undefined;
}

/** The tasks that were created on a day, or one group of them. */
export interface Usage {
  readonly day: string;
  /** The model, the id of the key, or the value of the metadata; null with `day`, and for tasks without the metadata. */
  readonly group: string | null;
  readonly requests: number;
  readonly completed: number;
  readonly failed: number;
  /** Of these the provider has certainly created nothing. */
  readonly refused: number;
  readonly images: {
    readonly asked: number;
    /** By the provider, those that were lost too. */
    readonly made: number;
    readonly lost: number;
    /** Charged for tasks of which nobody knows what was made of them. */
    readonly assumed: number;
    /** Made or assumed, and nobody knows what they cost: `money` is without them. */
    readonly unpriced: number;
  };
  /** By currency. */
  readonly money: readonly UsageMoney[];
}

export interface UsageMoney {
  /** An ISO 4217 code, or `credits`. */
  readonly currency: string;
  readonly reserved: number;
  readonly charged: number;
  readonly released: number;
}

export interface UsagePage {
  readonly object: 'list';
  readonly data: readonly Usage[];
  /** Null on the last page. */
  readonly next_cursor: string | null;
}

/** Iterates over days and groups; `pages()` over the pages. */
export class UsageList implements AsyncIterable<Usage> {
  readonly #read: (cursor: string | undefined) => Promise<UsagePage>;
  readonly #first: string | undefined;

  /** @param read the page after a cursor, or the first one @internal */
  constructor(read: (cursor: string | undefined) => Promise<UsagePage>, first?: string) {
    this.#read = read;
    this.#first = first;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Usage, void, undefined> {
    for await (const { data } of this.pages()) yield* data;
  }

  /** Each page is read when it is asked for. */
  pages(): AsyncGenerator<UsagePage, void, undefined> {
    return eachPage('usage', this.#read, this.#first);
  }
}
