/** Faults of a task: how it ends, when, and with what. Strings may hold placeholders. */
import * as z from 'zod';

export const outcomeFaults = [
  /** The task fails. Without `error` at all when `bare`. */
  z.strictObject({
    kind: z.literal('fail'),
    code: z.string().default('content_policy_violation'),
    message: z.string().default('The request was refused by the content policy.'),
    bare: z.boolean().default(false),
    /** Without `error.type`, as one sample shows it. */
    untyped: z.boolean().default(false),
  }),
  z.strictObject({
    kind: z.literal('cancel'),
    /** `failed` is status `failed` with the code `request_cancelled`. */
    spelling: z.enum(['cancelled', 'canceled', 'failed']).default('cancelled'),
  }),
  /** Runs until completed by hand: `POST /_stand-in/tasks/{id}/complete`. */
  z.strictObject({ kind: z.literal('hold') }),
  /** Takes `ms` instead of the configured `delayMs`. */
  z.strictObject({ kind: z.literal('duration'), ms: z.int().min(0) }),
  /** Delivers that many images fewer than were asked for. */
  z.strictObject({ kind: z.literal('fewer-images'), by: z.int().min(1) }),
  /** Delivers that many images more than were asked for; each link works. */
  z.strictObject({ kind: z.literal('more-images'), by: z.int().min(1).max(10_000) }),
  /** After the images, `count` times `entry` among the results, whatever it is. */
  z.strictObject({
    kind: z.literal('junk-results'),
    count: z.int().min(1).max(100_000),
    entry: z.unknown().default('x'),
  }),
  /** The create already answers with the outcome: `completed` with its output, or `failed` beside `fail`. */
  z.strictObject({ kind: z.literal('completed-at-once') }),
  /** Which of the observed spellings the answers use. */
  z.strictObject({
    kind: z.literal('spelling'),
    id: z.enum(['id', 'task_id']).default('id'),
    running: z.enum(['in_progress', 'in_queue', 'pending', 'processing']).default('in_progress'),
    completed: z.enum(['completed', 'success']).default('completed'),
    /** `integer` is `error.code`, `number` is `error` itself. */
    error: z.enum(['object', 'string', 'integer', 'number', 'error_message']).default('object'),
    createdAt: z.enum(['epoch', 'iso']).default('epoch'),
    /** One `output` entry per candidate, all candidates in one entry, or the candidates without entries. */
    output: z.enum(['split', 'grouped', 'flat']).default('split'),
    /** The answer under `data`, beside an object `status` with a code and a message. */
    wrapped: z.boolean().default(false),
  }),
] as const;
