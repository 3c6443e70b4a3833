/** The parameters of `GET /v1/tasks`, as a schema: it validates them here and describes them in docs/openapi.json. */
import * as z from 'zod/mini';
import { modelNames } from '../../shared/providers/definitions.ts';

const MAX_LIMIT = 100;
/** As long as the key of a pair may be in a request; an empty one is never stored. */
const MAX_METADATA_KEY = 64;
const statuses = ['pending', 'processing', 'completed', 'failed'] as const;

const oneOf = <const Name extends string>(allowed: readonly Name[]) =>
  z.enum(allowed, { error: `must be one of ${allowed.join(', ')}` });

/** With an offset, because a time without one is another moment in another place; a date is its midnight in UTC. */
const moment = z.union([z.iso.datetime({ offset: true }), z.iso.date()], {
  error:
    'must be an RFC 3339 time like 2026-01-02T03:04:05Z, or a date like 2026-01-02, which is midnight in UTC; a + in an offset is sent as %2B',
});

const limitError = `must be an integer from 1 to ${MAX_LIMIT}`;
const limit = z.pipe(
  z.pipe(z.string().check(z.regex(/^\d{1,3}$/, { error: limitError })), z.transform(Number)),
  z
    .int({ error: limitError })
    .check(z.minimum(1, { error: limitError }), z.maximum(MAX_LIMIT, { error: limitError })),
);

/** Tasks are kept that match every filter. */
export const listParameters = z.strictObject({
  status: z.optional(oneOf(statuses)),
  model: z.optional(oneOf(modelNames)),
  /** At this moment or later. */
  created_after: z.optional(moment),
  /** Earlier than this moment. */
  created_before: z.optional(moment),
  /** Sent as `metadata[key]=value`: tasks whose metadata has this pair. */
  metadata: z.optional(
    z
      .record(z.string(), z.string(), { error: 'is given as metadata[key]=value' })
      .register(z.globalRegistry, {
        propertyNames: { minLength: 1, maxLength: MAX_METADATA_KEY, not: { const: '__proto__' } },
      }),
  ),
  limit: z._default(limit, 20),
  /** The `next_cursor` of an earlier answer to the same query. */
  cursor: z.optional(z.string()),
});
export type ListParameters = z.infer<typeof listParameters>;

/** As a caller is told them. */
export const parameterNames = [
  'status',
  'model',
  'limit',
  'cursor',
  'created_after',
  'created_before',
  'metadata[key]',
];
