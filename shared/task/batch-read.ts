/** Reads many records at once, each as it is now. */
import {
  BatchGetItemCommand,
  type BatchGetItemCommandInput,
  type BatchGetItemCommandOutput,
  type DynamoDBClient,
} from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { attributesOf } from './attributes.ts';
import type { TaskRecord } from './record.ts';

/** Further requests for what DynamoDB left unprocessed (over 16 MB, or throttled), and the pauses before them. */
const PAUSES_MS = [0, 100, 400, 1600];

/**
 * @param ids at most 100, each once
 * @param attributes what is read of each record, its id among them; all of it when they are not given
 * @returns the records that there are, by id
 * @throws Error when DynamoDB leaves some unprocessed again and again
 */
export async function batchRead<Name extends keyof TaskRecord>(
  client: DynamoDBClient,
  table: string,
  ids: readonly string[],
  pause: (ms: number) => Promise<void>,
  attributes?: readonly (Name | 'id')[],
): Promise<ReadonlyMap<string, Pick<TaskRecord, Name | 'id'>>> {
  const records = new Map<string, Pick<TaskRecord, Name | 'id'>>();
  if (ids.length === 0) return records;
  let wanted: BatchGetItemCommandInput['RequestItems'] = { [table]: requestFor(ids, attributes) };
  for (const ms of PAUSES_MS) {
    if (ms) await pause(ms);
    const read: BatchGetItemCommandOutput = await client.send(
      new BatchGetItemCommand({ RequestItems: wanted }),
    );
    for (const item of read.Responses?.[table] ?? []) {
      const record = unmarshall(item) as Pick<TaskRecord, Name | 'id'>;
      records.set(record.id, record);
    }
    if (!read.UnprocessedKeys?.[table]) return records;
    wanted = read.UnprocessedKeys;
  }
  throw new Error('DynamoDB left records unprocessed');
}

function requestFor(ids: readonly string[], attributes: readonly string[] | undefined) {
  return {
    Keys: ids.map((id) => attributesOf({ id })),
    // A record that was just written must not be taken for one that is gone.
    ConsistentRead: true,
    ...(attributes && {
      ProjectionExpression: attributes.map((name) => `#${name}`).join(', '),
      ExpressionAttributeNames: Object.fromEntries(attributes.map((name) => [`#${name}`, name])),
    }),
  };
}
