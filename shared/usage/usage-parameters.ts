/** The parameters of `GET /v1/usage`, as a schema: it validates them and describes them in docs/openapi.json. */
import * as z from 'zod/mini';

const DATE = 'must be a date like 2026-11-24, in UTC';

export const usageParameters = z.strictObject({
  from: z.optional(z.iso.date({ error: DATE })),
  to: z.optional(z.iso.date({ error: DATE })),
  group_by: z._default(
    z.string().register(z.globalRegistry, { pattern: '^(day|model|key|metadata\\.[A-Za-z0-9_.-]{1,64})$' }),
    'day',
  ),
  cursor: z.optional(z.string()),
});
export type UsageParameters = z.infer<typeof usageParameters>;
export const usageParameterNames = ['from', 'to', 'group_by', 'cursor'];

/** So many days may be asked for at once. */
export const MOST_DAYS = 366;

/** How usage is grouped within a day. */
export type Grouping =
  | { readonly kind: 'day' | 'model' | 'key' }
  | { readonly kind: 'metadata'; readonly name: string };

/** @param names the metadata that the deployment counts */
export function groupingOf(groupBy: string, names: readonly string[]): Grouping | undefined {
  if (groupBy === 'day' || groupBy === 'model' || groupBy === 'key') return { kind: groupBy };
  const name = /^metadata\.(.+)$/s.exec(groupBy)?.[1];
  return name !== undefined && names.includes(name) ? { kind: 'metadata', name } : undefined;
}

/** What `group_by` may be, in words. */
export function groupingsAllowed(names: readonly string[]): string {
  const allowed = names.map((name) => `metadata.${name}`);
  return allowed.length > 0
    ? `must be one of day, model, key, ${allowed.join(', ')}`
    : 'must be one of day, model, key: the setting usageMetadata names no metadata to group by';
}

/**
 * @param dashes before the names, where they are options of a command
 * @returns what is wrong with the range, and of which parameter; nothing when it is right
 */
export function wrongRange(
  from: string,
  to: string,
  dashes = '',
): { readonly param: 'from' | 'to'; readonly message: string } | undefined {
  if (from > to) return { param: 'from', message: `${dashes}from must not be after ${dashes}to` };
  const days = (Date.parse(to) - Date.parse(from)) / 86_400_000 + 1;
  const message = `${dashes}to must be at most ${MOST_DAYS - 1} days after ${dashes}from`;
  return days > MOST_DAYS ? { param: 'to', message } : undefined;
}
