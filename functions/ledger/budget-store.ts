/** What the usage table says of an owner's budget (shared/usage/rows.ts), and which thresholds were told. */
import {
  type AttributeValue,
  type DynamoDBClient,
  GetItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { type Budget, monthEntry } from '../../shared/usage/rows.ts';
import { usageStore } from '../../shared/usage/usage-table.ts';

export interface Month {
  readonly counters: Readonly<Record<string, unknown>>;
  /** The marks of thresholds that were told. */
  readonly told: ReadonlySet<string>;
}

export interface BudgetStore {
  budgetOf(owner: string): Promise<Budget | undefined>;
  /** @param day any of the month, like `2026-11-24` */
  monthOf(owner: string, day: string): Promise<Month | undefined>;
  noteTold(owner: string, day: string, marks: readonly string[]): Promise<void>;
}

/** @param table the usage table's name */
export function budgetStore(client: DynamoDBClient, table: string): BudgetStore {
  return {
    budgetOf: usageStore(client, table).budgetOf,
    async monthOf(owner, day) {
      const Key = marshall({ owner, entry: monthEntry(day) });
      const { Item } = await client.send(new GetItemCommand({ TableName: table, Key, ConsistentRead: true }));
      const row = Item && unmarshall(Item);
      return row && { counters: row, told: (row.told as Set<string> | undefined) ?? new Set() };
    },
    async noteTold(owner, day, marks) {
      const told: AttributeValue = { SS: [...marks] };
      await client.send(
        new UpdateItemCommand({
          TableName: table,
          Key: marshall({ owner, entry: monthEntry(day) }),
          UpdateExpression: 'ADD told :told',
          ExpressionAttributeValues: { ':told': told },
        }),
      );
    },
  };
}
