/** Reads the index of the tasks table from end to end: it has no other way to "all tasks of that time, whoever owns them". */
import { type DynamoDBClient, ScanCommand, type ScanCommandOutput } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import type { TaskRecord } from '../../shared/task/record.ts';

export interface ScannedIndex {
  readonly table: string;
  readonly index: string;
}

/**
 * Pages of ids, of up to 1 MB of the index each; one that has none of that time is empty.
 * @param first the least `created_id`, @param last the greatest
 */
export async function* scanIndex(
  client: DynamoDBClient,
  { table, index }: ScannedIndex,
  first: string,
  last: string,
): AsyncGenerator<readonly string[]> {
  let after: ScanCommandOutput['LastEvaluatedKey'];
  do {
    const page: ScanCommandOutput = await client.send(
      new ScanCommand({
        TableName: table,
        IndexName: index,
        ProjectionExpression: 'id',
        // Filters after reading: it saves what is sent, not what is paid.
        FilterExpression: 'created_id BETWEEN :first AND :last',
        ExpressionAttributeValues: marshall({ ':first': first, ':last': last }),
        ...(after && { ExclusiveStartKey: after }),
      }),
    );
    // A task that expired and was created again under its key may for a moment have two places.
    const ids = (page.Items ?? []).map((item) => (unmarshall(item) as Pick<TaskRecord, 'id'>).id);
    yield [...new Set(ids)];
    after = page.LastEvaluatedKey;
  } while (after);
}
