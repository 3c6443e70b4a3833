/** An owner's tasks, newest first, from the index `by-owner`. */
import { type DynamoDBClient, QueryCommand, type QueryCommandOutput } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { createdMoment, type TaskRecord } from '../../shared/task/record.ts';

/** Which of an owner's tasks are meant. */
export interface ListFilters {
  readonly owner: string;
  readonly status?: string | undefined;
  readonly model?: string | undefined;
  /** Every one of these pairs. */
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  /** At this moment or later; milliseconds since 1970. */
  readonly createdAfter?: number | undefined;
  /** Earlier than this moment; milliseconds since 1970. */
  readonly createdBefore?: number | undefined;
}

export interface ListQuery extends ListFilters {
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
  query: ListQuery,
): Promise<QueryCommandOutput> {
  const { owner, limit, after } = query;
  const filter = filterOf(query);
  return client.send(
    new QueryCommand({
      TableName: table.name,
      IndexName: table.index,
      KeyConditionExpression: '#owner = :owner AND created_id BETWEEN :first AND :last',
      ExpressionAttributeNames: { '#owner': 'owner', ...filter.names },
      ExpressionAttributeValues: marshall({ ':owner': owner, ...bounds(query), ...filter.values }),
      ...(filter.terms.length > 0 && { FilterExpression: filter.terms.join(' AND ') }),
      ScanIndexForward: false,
      // A place, not a task: it may have been deleted meanwhile.
      ...(after && { ExclusiveStartKey: marshall({ owner, created_id: after, id: after.split('#')[1] }) }),
      // One more than shown tells whether there is a next page.
      Limit: filter.terms.length > 0 ? 100 : limit + 1,
    }),
  );
}

/** All that the fifteen digits of a `created_id` can say. */
const LAST_MOMENT = 10 ** 15 - 1;

/**
 * A `created_id` is longer than its moment, so it sorts behind the bare moment:
 *
 *   001767323045000  <  001767323045000#task_…  <  001767323045001
 */
function bounds({ createdAfter = 0, createdBefore = LAST_MOMENT }: ListFilters) {
  return {
    ':first': createdMoment(Math.max(createdAfter, 0)),
    ':last': createdMoment(Math.max(createdBefore, 0)),
  };
}

/** The names and values of metadata are a caller's own: neither ever stands in an expression. */
function filterOf({ status, model, metadata = {} }: ListFilters) {
  const wanted: [path: string[], value: string][] = [];
  if (status !== undefined) wanted.push([['status'], status]);
  if (model !== undefined) wanted.push([['model'], model]);
  for (const [key, value] of Object.entries(metadata)) wanted.push([['metadata', key], value]);
  const names: Record<string, string> = {};
  const values: Record<string, string> = {};
  const terms = wanted.map(([path, value], nth) => {
    values[`:v${nth}`] = value;
    const parts = path.map((part, depth) => {
      names[`#n${nth}_${depth}`] = part;
      return `#n${nth}_${depth}`;
    });
    return `${parts.join('.')} = :v${nth}`;
  });
  return { names, values, terms };
}
