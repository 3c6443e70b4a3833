/** Reads what `GET /v1/usage` is asked. */
import type * as z from 'zod/mini';
import { invalid } from '../../shared/http/problem.ts';
import { dayOf } from '../../shared/usage/rows.ts';
import {
  groupingOf,
  groupingsAllowed,
  usageParameterNames,
  usageParameters,
  wrongRange,
} from '../../shared/usage/usage-parameters.ts';
import { placeOf } from './cursor.ts';
import type { UsageQuery } from './read-usage.ts';

/**
 * This month up to today, by day, unless told otherwise.
 * @param names the metadata that the deployment counts
 * @param now milliseconds since 1970
 * @throws Problem 400 naming the parameter and what is allowed
 */
export function readQuery(
  owner: string,
  given: Readonly<Record<string, string | undefined>>,
  names: readonly string[],
  now: number,
): UsageQuery {
  const read = usageParameters.safeParse(given);
  if (!read.success) throw refusal(read.error);
  const { cursor, group_by } = read.data;
  const to = read.data.to ?? dayOf(now);
  const from = read.data.from ?? `${to.slice(0, 7)}-01`;
  const wrong = wrongRange(from, to);
  if (wrong) throw invalid(wrong.param, wrong.message);
  const grouping = groupingOf(group_by, names);
  if (!grouping) throw invalid('group_by', `group_by ${groupingsAllowed(names)}`);
  const range = { owner, from, to, grouping };
  if (cursor === undefined) return range;
  const after = placeOf(range, cursor);
  if (after !== undefined) return { ...range, after };
  throw invalid(
    'cursor',
    'cursor must be the next_cursor of an earlier answer to the same query, with the same parameters and key owner',
  );
}

function refusal({ issues }: z.core.$ZodError) {
  const issue = issues[0]!;
  if (issue.code === 'unrecognized_keys') {
    const name = issue.keys[0]!;
    return invalid(name, `${name} is not a parameter; allowed are ${usageParameterNames.join(', ')}`);
  }
  const name = issue.path.map(String).join('.');
  return invalid(name, `${name} ${issue.message}`);
}
