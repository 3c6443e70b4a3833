/** What the usage table holds, read whole: the ledger's rows, and the counters of budgets and of images at once. */
import { type DynamoDBClient, paginateScan } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { type LedgerEntry, type LedgerRow, readEntry } from '../../../shared/usage/ledger-rows.ts';

export interface StoredRow extends LedgerRow {
  readonly of: LedgerEntry;
  /** Tells one state of the row from the next. */
  readonly writes: number;
}

export interface StoredUsage {
  readonly rows: readonly StoredRow[];
  /** `month#…` and `running#…`: numbers by name. */
  readonly counters: readonly LedgerRow[];
}

/** @param table the usage table's name */
export async function readStoredUsage(client: DynamoDBClient, table: string): Promise<StoredUsage> {
  const rows: StoredRow[] = [];
  const counters: LedgerRow[] = [];
  for await (const { Items = [] } of paginateScan({ client }, { TableName: table, ConsistentRead: true })) {
    for (const item of Items) {
      const { owner, entry, writes = 0, ...rest } = unmarshall(item);
      const of = readEntry(entry);
      if (of) rows.push({ owner, entry, of, writes, counters: rest });
      else if (/^(month|running)#/.test(entry)) counters.push({ owner, entry, counters: numbersIn(rest) });
    }
  }
  return { rows, counters };
}

const numbersIn = (attributes: Record<string, unknown>): Record<string, number> =>
  Object.fromEntries(
    Object.entries(attributes).filter((pair): pair is [string, number] => typeof pair[1] === 'number'),
  );
