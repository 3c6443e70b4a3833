/** What the tables tell: whether there is an API key, and whether tasks have been open for too long. */
import { type DynamoDBClient, paginateScan, ScanCommand } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import type { OpenTasksFact } from './facts.ts';

const OPEN_TOO_LONG_SECONDS = 25 * 3600;
/** Of up to 1 MB each, some five thousand records in all: 0.0002 USD. Beyond them the daily sweep tells. */
const MOST_PAGES = 10;
const MOST_NAMED = 100;

/**
 * How many API keys are accepted, up to a page of the table; those that smoke runs left behind do not count.
 * @param now seconds since 1970
 */
export async function countApiKeys(client: DynamoDBClient, table: string, now: number): Promise<number> {
  const request = {
    TableName: table,
    ProjectionExpression: 'key_id',
    // The same table holds the versions of webhook secrets, which have no owner.
    FilterExpression:
      'attribute_exists(#owner) AND NOT begins_with(#owner, :smoke) AND (attribute_not_exists(disabled) OR disabled = :no) ' +
      'AND (attribute_not_exists(expires_at) OR expires_at > :now)',
    ExpressionAttributeNames: { '#owner': 'owner' },
    ExpressionAttributeValues: marshall({ ':smoke': 'smoke-', ':no': false, ':now': now }),
  };
  for await (const { Count = 0 } of paginateScan({ client }, request)) {
    if (Count > 0) return Count;
  }
  return 0;
}

/** @param now seconds since 1970 */
export async function readOpenTasks(
  client: DynamoDBClient,
  TableName: string,
  now: number,
): Promise<OpenTasksFact> {
  const ids: string[] = [];
  let looked = 0;
  let after: ScanCommand['input']['ExclusiveStartKey'];
  for (let pages = 0; pages < MOST_PAGES; pages += 1) {
    const {
      Items = [],
      ScannedCount = 0,
      LastEvaluatedKey,
    } = await client.send(
      new ScanCommand({
        TableName,
        ProjectionExpression: 'id',
        FilterExpression: '#status IN (:pending, :processing) AND created < :limit',
        ExpressionAttributeNames: { '#status': 'status' },
        ExpressionAttributeValues: marshall({
          ':pending': 'pending',
          ':processing': 'processing',
          ':limit': now - OPEN_TOO_LONG_SECONDS,
        }),
        ...(after && { ExclusiveStartKey: after }),
      }),
    );
    ids.push(...Items.map((item) => String(unmarshall(item).id)));
    looked += ScannedCount;
    after = LastEvaluatedKey;
    if (!after) break;
  }
  return { ids: ids.slice(0, MOST_NAMED), looked, isComplete: after === undefined };
}
