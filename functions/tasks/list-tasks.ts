/** An owner's tasks, newest first, from the index `by-owner`. */
import { type DynamoDBClient, QueryCommand, type QueryCommandOutput } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import type { TaskRecord } from '../../shared/task/record.ts';

export interface ListQuery {
  readonly owner: string;
  readonly status?: string | undefined;
  readonly model?: string | undefined;
  /** 1–100 */
  readonly limit: number;
  /** The `created_id` of the last task already seen. */
  readonly after?: string | undefined;
}

export interface TaskPage {
  readonly records: readonly TaskRecord[];
  /** The `created_id` to go on after; absent on the last page. */
  readonly next?: string | undefined;
}

/** A filter may leave nothing of a page; after so many a caller goes on with the cursor rather than wait. */
const MOST_PAGES = 10;

/** @returns at most `limit` tasks; fewer with a `next` when the filters are sparse */
export async function listTasks(
  client: DynamoDBClient,
  table: { readonly name: string; readonly index: string },
  query: ListQuery,
): Promise<TaskPage> {
  const records: TaskRecord[] = [];
  let after = query.after;
  for (let page = 0; page < MOST_PAGES; page++) {
    const { Items = [], LastEvaluatedKey } = await readPage(client, table, { ...query, after });
    records.push(...Items.map((item) => unmarshall(item) as TaskRecord));
    if (records.length > query.limit) break;
    if (!LastEvaluatedKey) return pageOf(records, query.limit, undefined);
    after = unmarshall(LastEvaluatedKey).created_id;
  }
  return pageOf(records, query.limit, after);
}

function pageOf(records: readonly TaskRecord[], limit: number, after: string | undefined): TaskPage {
  if (records.length <= limit) return { records, next: after };
  const shown = records.slice(0, limit);
  return { records: shown, next: shown.at(-1)?.created_id };
}

function readPage(
  client: DynamoDBClient,
  table: { readonly name: string; readonly index: string },
  { owner, status, model, limit, after }: ListQuery,
): Promise<QueryCommandOutput> {
  const filters = Object.entries({ status, model }).filter(([, value]) => value !== undefined);
  const names = Object.fromEntries(filters.map(([name]) => [`#${name}`, name]));
  const values = Object.fromEntries(filters.map(([name, value]) => [`:${name}`, value]));
  return client.send(
    new QueryCommand({
      TableName: table.name,
      IndexName: table.index,
      KeyConditionExpression: after ? '#owner = :owner AND created_id < :after' : '#owner = :owner',
      ExpressionAttributeNames: { '#owner': 'owner', ...names },
      ExpressionAttributeValues: marshall({ ':owner': owner, ...(after && { ':after': after }), ...values }),
      ...(filters.length > 0 && {
        FilterExpression: filters.map(([name]) => `#${name} = :${name}`).join(' AND '),
      }),
      ScanIndexForward: false,
      // One more than shown tells whether there is a next page.
      Limit: filters.length > 0 ? 100 : limit + 1,
    }),
  );
}
