/** What the conformance suite has to know of a provider; each has a file here that is named after it. */
export interface Sample {
  /** A documented answer to a create. */
  readonly created: { readonly id: string; readonly usage: object; readonly [field: string]: unknown };
  /** A report in which the task `id` has ended with images at these addresses. */
  readonly completed: (id: string, urls: readonly string[]) => object;
  /** Where a task is read; `id` is encoded already. */
  readonly readPath: (id: string) => string;
  readonly createPath: string;
}
