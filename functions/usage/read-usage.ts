/** An owner's usage from the ledger's rows, by day and group. */
import { type DynamoDBClient, QueryCommand } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import type { Counters } from '../../shared/usage/contribution.ts';
import { type LedgerEntry, ledgerPrefix, readEntry } from '../../shared/usage/ledger-rows.ts';
import { type PublicUsage, publicUsage } from '../../shared/usage/public-usage.ts';
import type { Grouping } from '../../shared/usage/usage-parameters.ts';

/** What is asked of the ledger. */
export interface UsageRange {
  readonly owner: string;
  /** Both days are in it. */
  readonly from: string;
  readonly to: string;
  readonly grouping: Grouping;
}

export interface UsageQuery extends UsageRange {
  /** The entry of the last row that was shown. */
  readonly after?: string | undefined;
}

export interface GroupUsage extends PublicUsage {
  readonly day: string;
  readonly group: string | null;
}

export interface UsagePage {
  readonly data: readonly GroupUsage[];
  /** The entry to go on after; absent on the last page. */
  readonly next?: string | undefined;
}

interface Row {
  readonly entry: string;
  readonly counters: Counters;
}

/** Of the ledger, for a page: some 300 kB. */
const MOST_ROWS = 1000;

/** @param mostRows after which a page ends, but for the rest of a day whose rows have to be added up */
export async function readUsage(
  client: DynamoDBClient,
  table: string,
  query: UsageQuery,
  mostRows = MOST_ROWS,
): Promise<UsagePage> {
  const rows: Row[] = [];
  let after = query.after;
  for (;;) {
    const { Items = [], LastEvaluatedKey } = await client.send(pageOf(table, query, after, mostRows));
    rows.push(...Items.map((item) => rowOf(unmarshall(item))));
    if (!LastEvaluatedKey) return { data: grouped(rows, query.grouping) };
    const whole = query.grouping.kind === 'metadata' ? rows : withoutLastDay(rows);
    if (whole.length > 0) return { data: grouped(whole, query.grouping), next: whole.at(-1)!.entry };
    after = rows.at(-1)!.entry;
  }
}

/** The end of a day's rows: `#` is followed by `$`, so every entry of that day sorts before it. */
const AFTER_DAY = '$';

function pageOf(table: string, query: UsageQuery, after: string | undefined, Limit: number): QueryCommand {
  const { owner, from, to, grouping } = query;
  const name = grouping.kind === 'metadata' ? grouping.name : undefined;
  return new QueryCommand({
    TableName: table,
    KeyConditionExpression: '#owner = :owner AND entry BETWEEN :first AND :last',
    ExpressionAttributeNames: { '#owner': 'owner' },
    ExpressionAttributeValues: marshall({
      ':owner': owner,
      ':first': ledgerPrefix(name, from),
      ':last': `${ledgerPrefix(name, to)}${AFTER_DAY}`,
    }),
    ...(after !== undefined && { ExclusiveStartKey: marshall({ owner, entry: after }) }),
    Limit,
  });
}

function rowOf({ owner: _owner, entry, writes: _writes, ...counters }: Record<string, unknown>): Row {
  return { entry: entry as string, counters: counters as Counters };
}

/** A day may go on behind the page. */
function withoutLastDay(rows: readonly Row[]): readonly Row[] {
  const last = readEntry(rows.at(-1)!.entry)?.day;
  return rows.filter(({ entry }) => readEntry(entry)?.day !== last);
}

function grouped(rows: readonly Row[], grouping: Grouping): GroupUsage[] {
  const groups = new Map<string, { day: string; group: string | null; counters: Record<string, number> }>();
  for (const { entry, counters } of rows) {
    const read = readEntry(entry);
    if (!read) continue;
    const group = groupOf(read, grouping);
    const key = JSON.stringify([read.day, group]);
    const sum = groups.get(key) ?? { day: read.day, group, counters: {} };
    groups.set(key, sum);
    for (const [name, figure] of Object.entries(counters)) {
      sum.counters[name] = (sum.counters[name] ?? 0) + figure;
    }
  }
  return [...groups.values()].map(({ day, group, counters }) => ({ day, group, ...publicUsage(counters) }));
}

function groupOf(entry: LedgerEntry, { kind }: Grouping): string | null {
  if (kind === 'day') return null;
  return (kind === 'metadata' ? entry.metadata?.value : entry[kind]) ?? null;
}
