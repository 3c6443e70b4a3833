/** What is read and counted of owners and keys beside their tasks (shared/usage/rows.ts). */
import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { attributesOf } from '../task/attributes.ts';
import { BUDGET, type Budget, minuteEntry } from './rows.ts';

export interface UsageStore {
  /** @returns nothing when the owner has none */
  budgetOf(owner: string): Promise<Budget | undefined>;
  /**
   * Counts a request of a key in the present minute. One whose answer was lost and that the SDK repeats counts twice.
   * @param now milliseconds since 1970
   * @returns whether it is within the limit
   */
  countRequest(key: { owner: string; keyId: string }, limit: number, now: number): Promise<boolean>;
}

/** A row of a minute is of no use after it; it is kept a little longer for whoever looks why a request was refused. */
const KEPT_SECONDS = 3600;

export function usageStore(client: DynamoDBClient, table: string): UsageStore {
  return {
    async budgetOf(owner) {
      const Key = attributesOf({ owner, entry: BUDGET });
      const { Item } = await client.send(new GetItemCommand({ TableName: table, Key, ConsistentRead: true }));
      return Item && (unmarshall(Item) as Budget);
    },
    async countRequest({ owner, keyId }, limit, now) {
      const count = new UpdateItemCommand({
        TableName: table,
        Key: attributesOf({ owner, entry: minuteEntry(keyId, now) }),
        UpdateExpression: 'SET expires_at = :end ADD requests :one',
        ConditionExpression: 'attribute_not_exists(requests) OR requests < :limit',
        ExpressionAttributeValues: attributesOf({
          ':one': 1,
          ':limit': limit,
          ':end': Math.floor(now / 1000) + KEPT_SECONDS,
        }),
      });
      try {
        await client.send(count);
        return true;
      } catch (error) {
        if (error instanceof ConditionalCheckFailedException) return false;
        throw error;
      }
    },
  };
}
