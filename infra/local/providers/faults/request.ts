/** Faults of a create or a read itself; they strike when the request arrives. */
import * as z from 'zod';

const on = z.enum(['create', 'read']).default('create');

export const requestFaults = [
  /** Answers `status` with an error in the provider's shape; nothing is created. Strings may hold placeholders. */
  z.strictObject({
    kind: z.literal('refuse'),
    on,
    status: z.int().min(400).max(599),
    /** Older pages of one provider show the status as an integer here. */
    code: z.union([z.string(), z.number()]).optional(),
    message: z.string().optional(),
    param: z.string().optional(),
    retryAfter: z.union([z.string(), z.number()]).optional(),
    /** The whole body instead of an error in the provider's shape; a string goes as it is. */
    body: z.unknown().optional(),
    /** Escapes `/` and all that is not ASCII, as some JSON encoders do. */
    escaped: z.boolean().default(false),
  }),
  /** The connection is dropped before anything is created or read. */
  z.strictObject({ kind: z.literal('drop'), on }),
  /** The answer comes, `ms` late. The request takes effect when it arrives. */
  z.strictObject({ kind: z.literal('slow'), on, ms: z.int().min(0) }),
  /** The request takes effect (the task exists, the money is spent) and its answer is lost. */
  z.strictObject({
    kind: z.literal('lose-answer'),
    on,
    how: z.enum(['error', 'hang', 'drop', 'broken-json', 'empty']),
    /** For `error`. */
    status: z.int().min(500).max(599).default(500),
  }),
  /** The create answers 200 with an empty id and an error; nothing is created. */
  z.strictObject({ kind: z.literal('empty-id'), code: z.string().default('001021099') }),
] as const;
