/**
 * Adds to the ledger what the records say beyond it. Only where nothing else will change a row any more (verify.ts), and
 * only if nothing has since it was read.
 */
import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { rowAddition } from '../../../shared/usage/ledger-rows.ts';
import type { Difference } from './verify.ts';

/**
 * @param table the usage table's name
 * @returns how many rows were repaired; another repair at the same time may have done the others
 */
export async function repair(
  client: DynamoDBClient,
  table: string,
  differences: readonly Difference[],
): Promise<number> {
  let repaired = 0;
  for (const { owner, entry, missing, kind, writes } of differences) {
    if (kind !== 'repairable') continue;
    const addition = rowAddition({ owner, entry, counters: missing });
    const update = new UpdateItemCommand({
      TableName: table,
      ...addition,
      ConditionExpression: writes === 0 ? 'attribute_not_exists(writes)' : 'writes = :read',
      ExpressionAttributeValues: {
        ...addition.ExpressionAttributeValues,
        ...(writes === 0 ? {} : marshall({ ':read': writes })),
      },
    });
    try {
      await client.send(update);
      repaired += 1;
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
    }
  }
  return repaired;
}
