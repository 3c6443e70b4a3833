/**
 * An owner's tasks, newest first. The index names them, and the table tells what they are now
 * (docs/decisions/task-index.md).
 *
 *   index ─► places ─► records, 25 at a time ─► those that the filters keep ─► a page: full by its count or by its bytes
 */
import { type DynamoDBClient, QueryCommand } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import type { Pause } from '../../shared/runtime/pause.ts';
import { batchRead } from '../../shared/task/batch-read.ts';
import { requireKnownVersion } from '../../shared/task/read-record.ts';
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

export interface ListDependencies {
  readonly client: DynamoDBClient;
  readonly table: { readonly name: string; readonly index: string };
  readonly pause: Pause;
}

/** Places that are read at once. */
const PLACES = 100;
/** Records that are read at once: the largest that there are, of 400 kB each, still fit into an answer of 16 MB. */
const RECORDS = 25;
/** A filter may leave nothing of a page; after so many places a caller goes on with the cursor rather than wait. */
const MOST_PLACES = 1000;
/** More than an answer can hold (fit-page.ts): what is beyond would be read in vain. */
const ENOUGH_BYTES = 6_000_000;

/** @returns at most `limit` tasks; fewer with a `next` when the filters are sparse, or the tasks large */
export async function listTasks(dependencies: ListDependencies, query: ListQuery): Promise<TaskPage> {
  const records: TaskRecord[] = [];
  let places = 0;
  let bytes = 0;
  for await (const { place, record } of tasksOf(dependencies, query)) {
    if (record && isWanted(record, query)) {
      // One more than shown tells that there is a next page.
      if (records.length === query.limit) return { records, next: records.at(-1)!.created_id };
      records.push(record);
      bytes += JSON.stringify(record).length;
    }
    places += 1;
    if (places === MOST_PLACES || bytes >= ENOUGH_BYTES) return { records, next: place };
  }
  return { records };
}

/** A place in the list, and the record that is there; none when it is gone, and the index does not know it yet. */
interface Listed {
  /** A `created_id`. */
  readonly place: string;
  readonly record: TaskRecord | undefined;
}

/** Reads on only when the ones before have been taken. */
async function* tasksOf(dependencies: ListDependencies, query: ListQuery): AsyncGenerator<Listed> {
  let after = query.after;
  do {
    const page = await readPlaces(dependencies, { ...query, after });
    for (let from = 0; from < page.places.length; from += RECORDS) {
      yield* await readRecords(dependencies, page.places.slice(from, from + RECORDS));
    }
    after = page.next;
  } while (after);
}

/** What the index has of a task: its place in the list, and its record's key. */
type Place = Pick<TaskRecord, 'id' | 'created_id'>;

async function readPlaces(
  { client, table }: ListDependencies,
  query: ListQuery,
): Promise<{ readonly places: readonly Place[]; readonly next: string | undefined }> {
  const { owner, limit, after } = query;
  const { Items = [], LastEvaluatedKey } = await client.send(
    new QueryCommand({
      TableName: table.name,
      IndexName: table.index,
      KeyConditionExpression: '#owner = :owner AND created_id BETWEEN :first AND :last',
      ExpressionAttributeNames: { '#owner': 'owner' },
      ExpressionAttributeValues: marshall({ ':owner': owner, ...bounds(query) }),
      ScanIndexForward: false,
      // A place, not a task: it may have been deleted meanwhile.
      ...(after && { ExclusiveStartKey: marshall({ owner, created_id: after, id: after.split('#')[1] }) }),
      // Without filters one more than shown is enough, and tells whether there is a next page.
      Limit: isFiltered(query) ? PLACES : limit + 1,
    }),
  );
  return {
    places: Items.map((item) => unmarshall(item) as Place),
    next: LastEvaluatedKey && unmarshall(LastEvaluatedKey).created_id,
  };
}

async function readRecords(
  { client, table, pause }: ListDependencies,
  places: readonly Place[],
): Promise<Listed[]> {
  // A task that expired and was created again under the same key may for a moment have two places.
  const ids = new Set(places.map(({ id }) => id));
  const records = await batchRead<keyof TaskRecord>(client, table.name, [...ids], pause);
  return places.map(({ id, created_id: place }) => {
    const record = records.get(id);
    if (record) requireKnownVersion(record);
    return { place, record: record?.created_id === place ? record : undefined };
  });
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

const isFiltered = ({ status, model, metadata }: ListFilters): boolean =>
  status !== undefined || model !== undefined || metadata !== undefined;

/** The names of metadata are a caller's own: `constructor` is one that every object seems to have. */
function isWanted(record: TaskRecord, { status, model, metadata = {} }: ListFilters): boolean {
  if (status !== undefined && record.status !== status) return false;
  if (model !== undefined && record.model !== model) return false;
  const own = record.metadata ?? {};
  return Object.entries(metadata).every(([key, value]) => Object.hasOwn(own, key) && own[key] === value);
}
