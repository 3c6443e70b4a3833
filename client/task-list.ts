/** An owner's tasks, newest first, read page by page as they are asked for. */
import { eachPage } from './pages.ts';
import type { ModelName } from './requests.ts';
import type { Status, Task } from './task.ts';

export interface ListQuery {
  readonly status?: Status | undefined;
  readonly model?: ModelName | undefined;
  /** Created at this moment or later; a string is an RFC 3339 time with its offset, or a date. */
  readonly created_after?: Date | string | undefined;
  /** Created before this moment. */
  readonly created_before?: Date | string | undefined;
  /** Tasks whose metadata has every one of these pairs. */
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  /** Tasks on a page, 1 to 100; 20 unless told otherwise. */
  readonly limit?: number | undefined;
  /** The `next_cursor` of an earlier page, to go on after it. */
  readonly cursor?: string | undefined;
}

export interface TaskPage {
  readonly object: 'list';
  /** May hold fewer than `limit`, or nothing, and not be the last. */
  readonly data: readonly Task[];
  /** Null on the last page. */
  readonly next_cursor: string | null;
}

/** Iterates over the tasks; `pages()` over the pages, for whoever wants to keep a cursor. */
export class TaskList implements AsyncIterable<Task> {
  readonly #read: (cursor: string | undefined) => Promise<TaskPage>;
  readonly #first: string | undefined;

  /** @param read the page after a cursor, or the first one @internal */
  constructor(read: (cursor: string | undefined) => Promise<TaskPage>, first?: string) {
    this.#read = read;
    this.#first = first;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Task, void, undefined> {
    for await (const { data } of this.pages()) yield* data;
  }

  /** Each page is read when it is asked for. */
  pages(): AsyncGenerator<TaskPage, void, undefined> {
    return eachPage('tasks', this.#read, this.#first);
  }
}

/** `?status=…&metadata[order]=…`, or nothing. @internal */
export function queryOf({ metadata = {}, ...given }: ListQuery): string {
  const pairs = Object.entries(metadata).map(([key, value]): [string, string] => [`metadata[${key}]`, value]);
  for (const [name, value] of Object.entries(given)) {
    if (value !== undefined) pairs.push([name, value instanceof Date ? timeOf(name, value) : String(value)]);
  }
  return pairs.length > 0 ? `?${new URLSearchParams(pairs)}` : '';
}

function timeOf(name: string, date: Date): string {
  if (Number.isNaN(date.getTime())) throw new TypeError(`${name} must be a valid date`);
  return date.toISOString();
}
