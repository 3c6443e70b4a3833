/** Faults of what the provider says about a task, in the answer to a create, to a read, or in a callback. */
import * as z from 'zod';

const on = z.array(z.enum(['create', 'read', 'callback'])).default(['create', 'read', 'callback']);

export const answerFaults = [
  /**
   * Sets top-level fields of the body and leaves others out. Strings may hold placeholders, so that
   * `{ set: { id: 'job-77', task_id: '{id}' } }` names another task beside the right one.
   */
  z.strictObject({
    kind: z.literal('answer-fields'),
    on,
    set: z.record(z.string(), z.unknown()).default({}),
    without: z.array(z.string()).default([]),
  }),
  /** A further field of `bytes` bytes that are not UTF-8; all the rest is JSON as ever. */
  z.strictObject({ kind: z.literal('answer-invalid-utf8'), on, bytes: z.int().min(1).max(1_000_000) }),
  /** JSON that escapes `/` and all that is not ASCII, as some encoders do. */
  z.strictObject({ kind: z.literal('answer-escaped'), on }),
] as const;
