/** What the usage table says of an owner's budget (shared/usage/rows.ts), and which thresholds were told. */
import {
  type AttributeValue,
  type DynamoDBClient,
  GetItemCommand,
  TransactionConflictException,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import type { Patience } from '../../shared/task/write.ts';
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

/** Before further tries of a note. The owner's submits and settlements are transactions on the same item. */
const PAUSES_MS = [50, 100, 200, 400, 800, 1600, 1600];

/** @param table the usage table's name */
export function budgetStore(client: DynamoDBClient, table: string, { pause, random }: Patience): BudgetStore {
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
      const note = new UpdateItemCommand({
        TableName: table,
        Key: marshall({ owner, entry: monthEntry(day) }),
        UpdateExpression: 'ADD told :told',
        ExpressionAttributeValues: { ':told': told },
      });
      for (let tries = 0; ; tries++) {
        try {
          await client.send(note);
          return;
        } catch (error) {
          // The SDK does not try that again, and the batch would bring the event a second time.
          const ms = PAUSES_MS[tries];
          if (ms === undefined || !(error instanceof TransactionConflictException)) throw error;
          await pause(ms * (0.5 + random() / 2));
        }
      }
    },
  };
}
