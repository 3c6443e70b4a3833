/** A small breakage of the product: a text that stands in one file, and what takes its place. */

export interface Edit {
  /** From the project's root. */
  readonly file: string;
  /** Stands there exactly once. */
  readonly before: string;
  readonly after: string;
}

export interface Bug {
  /** What is broken, in words. */
  readonly name: string;
  /** The promise that it breaks (docs/promises.md). */
  readonly promise: number;
  readonly edits: readonly Edit[];
  /** The unit tests that are run against it, from `test/`. */
  readonly tests: readonly string[];
}

export const edit = (file: string, before: string, after: string): Edit => ({ file, before, after });
