/** Faults of callbacks: whether, when, how often, in which shape. Only providers that call back have them. */
import * as z from 'zod';

const ms = z.int().min(0);

export const callbackFaults = [
  /** Completes and calls back before the create is answered. */
  z.strictObject({ kind: z.literal('callback-early') }),
  z.strictObject({ kind: z.literal('callback-none') }),
  z.strictObject({ kind: z.literal('callback-delay'), ms }),
  /** The same callback `times` times in all, one after the other or all at once. */
  z.strictObject({
    kind: z.literal('callback-duplicate'),
    times: z.int().min(2).max(100),
    concurrent: z.boolean().default(false),
  }),
  /** A second callback that says the opposite of the first, `afterMs` after the first was delivered. */
  z.strictObject({ kind: z.literal('callback-contradict'), afterMs: ms.default(0) }),
  z.strictObject({
    kind: z.literal('callback-shape'),
    /** Puts the body under `data`. */
    wrapped: z.boolean().default(false),
    id: z.enum(['id', 'task_id']).default('id'),
    completed: z.enum(['completed', 'success', 'succeeded']).default('completed'),
    /** Fields that the body lacks. */
    without: z.array(z.string()).default([]),
  }),
] as const;
