/** Reads what `GET /v1/tasks` is asked. */
import type * as z from 'zod/mini';
import { invalid } from '../../shared/http/problem.ts';
import { placeOf } from './cursor.ts';
import { listParameters, parameterNames } from './list-parameters.ts';
import type { ListQuery } from './list-tasks.ts';

/** @throws Problem 400 naming the parameter and what is allowed */
export function listQuery(owner: string, given: Readonly<Record<string, string | undefined>>): ListQuery {
  const read = listParameters.safeParse(withMetadata(given));
  if (!read.success) throw refusal(read.error);
  const { limit, cursor, created_after, created_before, ...filters } = read.data;
  const createdAfter = momentOf(created_after);
  const createdBefore = momentOf(created_before);
  if (createdAfter !== undefined && createdBefore !== undefined && createdBefore <= createdAfter) {
    throw invalid('created_before', 'created_before must be later than created_after');
  }
  const query = { owner, ...filters, createdAfter, createdBefore };
  if (cursor === undefined) return { ...query, limit };
  const place = placeOf(query, cursor);
  if (place !== undefined) return { ...query, limit, after: place };
  throw invalid(
    'cursor',
    'cursor must be the next_cursor of an earlier answer to the same query, with the same filters and key owner',
  );
}

const momentOf = (text: string | undefined): number | undefined =>
  text === undefined ? undefined : Date.parse(text);

/** `metadata[order]=42` as `{metadata: {order: '42'}}`; a name that no metadata can have stays as it is, and is refused. */
function withMetadata(given: Readonly<Record<string, string | undefined>>): Record<string, unknown> {
  const pairs: [string, string | undefined][] = [];
  const rest: [string, string | undefined][] = [];
  for (const [name, value] of Object.entries(given)) {
    const [, key] = /^metadata\[(.{1,64})\]$/su.exec(name) ?? [];
    if (key === undefined || key === '__proto__') rest.push([name, value]);
    else pairs.push([key, value]);
  }
  return Object.fromEntries([...rest, ...(pairs.length ? [['metadata', Object.fromEntries(pairs)]] : [])]);
}

function refusal({ issues }: z.core.$ZodError) {
  const issue = issues[0]!;
  if (issue.code === 'unrecognized_keys') {
    const name = issue.keys[0]!;
    return invalid(name, `${name} is not a parameter; allowed are ${parameterNames.join(', ')}`);
  }
  const name = issue.path.map(String).join('.');
  return invalid(name, `${name} ${issue.message}`);
}
