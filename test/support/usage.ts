/** Budgets and counters in a test's usage table. */
import { GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { BUDGET, type Budget, monthEntry, runningEntry } from '../../shared/usage/rows.ts';
import type { TestTables } from './tasks-table.ts';

type Tables = Pick<TestTables, 'client' | 'usage'>;

export async function setBudget({ client, usage }: Tables, owner: string, budget: Budget): Promise<void> {
  await client.send(
    new PutItemCommand({ TableName: usage, Item: marshall({ owner, entry: BUDGET, ...budget }) }),
  );
}

/** The counters of an owner's month, without its keys; none has begun when there is no row. */
export const monthOf = (tables: Tables, owner: string, day: string) =>
  countersIn(tables, owner, monthEntry(day));

/** Images in work for a key. */
export const runningOf = async (tables: Tables, owner: string, keyId: string) =>
  (await countersIn(tables, owner, runningEntry(keyId))).images ?? 0;

async function countersIn(
  { client, usage }: Tables,
  owner: string,
  entry: string,
): Promise<Record<string, number>> {
  const Key = marshall({ owner, entry });
  const { Item } = await client.send(new GetItemCommand({ TableName: usage, Key, ConsistentRead: true }));
  const { owner: _owner, entry: _entry, ...counters } = Item ? unmarshall(Item) : {};
  return counters as Record<string, number>;
}
