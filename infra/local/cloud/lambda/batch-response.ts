/** What a function's response to a batch means, for queues and streams alike. */

import * as z from 'zod';
import type { InvocationResult } from './local-function.ts';

const partial = z.object({
  batchItemFailures: z.array(z.object({ itemIdentifier: z.string().min(1) })).nullish(),
});

/**
 * The identifiers of the items that failed; `all` when the whole batch did.
 * With ReportBatchItemFailures, a response of the wrong shape or with an identifier that was not in the batch fails the
 * whole batch, as Lambda documents; an empty response is success.
 */
export function failuresOf(
  result: InvocationResult,
  reportsItems: boolean,
  identifiers: ReadonlySet<string>,
): ReadonlySet<string> | 'all' {
  if ('error' in result) return 'all';
  if (!reportsItems) return new Set();
  const response: unknown = JSON.parse(result.payload);
  if (response === null) return new Set();
  const parsed = partial.safeParse(response);
  if (!parsed.success) return 'all';
  const failed = (parsed.data.batchItemFailures ?? []).map((failure) => failure.itemIdentifier);
  return failed.every((identifier) => identifiers.has(identifier)) ? new Set(failed) : 'all';
}
