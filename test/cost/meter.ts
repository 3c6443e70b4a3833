/**
 * Counts what AWS would bill while something runs on a local cloud: requests from the cloud's own ledger; units of DynamoDB and
 * events from what the requests hold; bytes of logs from the lines that functions print.
 *
 * What comes from outside is a test's or a demo's own and is not counted, but for requests to the HTTP API. Keys and secrets are
 * remembered by each instance for a minute and for five: theirs are not requests of a task, and left out too. So are those of the
 * ledger, which has one batch for all tasks of a minute (docs/usage.md, "What it costs").
 */

import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { type AttributeValue, DescribeTableCommand, GetItemCommand } from '@aws-sdk/client-dynamodb';
import type {
  FunctionLogLine,
  LocalCloud,
  RequestCounts,
  RequestHook,
} from '../../infra/local/cloud/index.ts';
import { type Item, itemBytes, readUnits, writeUnits } from './item-size.ts';

/** What was used, by unit: `DynamoDB.UpdateItem` and other requests by kind, and what is no request of its own. */
export type Used = Readonly<Record<string, number>>;

type AwsRequest = Parameters<RequestHook>[0];

interface Table {
  readonly name: string;
  readonly keys: readonly string[];
  /** Of each index what it holds of an item; nothing for the whole of it. */
  readonly indexes: readonly (readonly string[] | undefined)[];
}

interface Write {
  readonly table: Table;
  /** In a transaction each write is paid twice: it is prepared, then made. */
  readonly times: 1 | 2;
  readonly key: Item;
  readonly before: Item | undefined;
}

/** CloudWatch counts so much for each event beside its text (CloudWatch Logs API, PutLogEvents). */
const LOG_EVENT_BYTES = 26;
/** Lambda logs a line more than the local cloud does. */
const END_LINE = 'END RequestId: 00000000-0000-0000-0000-000000000000\n';

/** The function that keeps the ledger. */
export const LEDGER = 'UsageLedger';

export interface Meter {
  /** Call it for every line that functions log; give it to the cloud as `log`. */
  readonly onLine: (line: FunctionLogLine) => void;
  /** What `work` used, until nothing is under way any more. */
  measure(cloud: LocalCloud, dynamodb: DynamoDBClient, work: () => Promise<void>): Promise<Used>;
}

export function startMeter(): Meter {
  let lines: FunctionLogLine[] = [];
  return {
    onLine: (line) => void lines.push(line),
    async measure(cloud, dynamodb, work) {
      await cloud.idle();
      lines = [];
      const tables = new Map<string, Table>();
      const writes: Write[] = [];
      const used: Record<string, number> = {};
      const add = (unit: string, count: number) => {
        used[unit] = (used[unit] ?? 0) + count;
      };
      const before = cloud.requests();
      const callbacks = () => cloud.function('Callback').invocations;
      const callbacksBefore = callbacks();
      const ledgers = () => cloud.function(LEDGER).invocations;
      const ledgersBefore = ledgers();
      const stop = cloud.onRequest(async (request) => {
        if (request.caller === 'outside' || request.caller.includes(LEDGER)) return undefined;
        if (request.service === 'EventBridge') add('events', entriesIn(request));
        if (isFifoSend(request)) add('SQS.fifo', 1);
        if (request.service === 'DynamoDB') await meterItems(dynamodb, tables, request, writes, add);
        return undefined;
      });
      await work();
      await cloud.idle();
      stop();
      await meterWrites(dynamodb, writes, add);
      for (const [kind, count] of requestsIn(cloud.requests(before))) add(kind, count);
      add('Lambda.Invoke', ledgersBefore - ledgers());
      add('logs.bytes', bytesOf(lines));
      // Its queue is the FIFO queue, and read one message at a time: each is received and deleted.
      add('SQS.fifo', 2 * (callbacks() - callbacksBefore));
      const isKept = (unit: string) => !unit.startsWith('keys.') && !unit.startsWith('SecretsManager.');
      const reads = used['keys.GetItem'] ?? 0;
      const own = { ...used, 'DynamoDB.GetItem': (used['DynamoDB.GetItem'] ?? 0) - reads };
      const left = Object.entries(own).filter(([unit, count]) => isKept(unit) && count > 0);
      return Object.fromEntries(left.sort(([a], [b]) => (a < b ? -1 : 1)));
    },
  };
}

/** Callers' own requests count at the HTTP API, and nowhere else. */
function requestsIn({ byCaller }: RequestCounts): [string, number][] {
  const counted = Object.entries(byCaller).filter(([caller]) => !caller.includes(LEDGER));
  return counted.flatMap(([caller, kinds]) =>
    Object.entries(kinds).filter(([kind]) => caller !== 'outside' || kind.startsWith('ApiGateway.')),
  );
}

const entriesIn = ({ body }: AwsRequest): number => JSON.parse(`${body}`).Entries?.length ?? 0;

const isFifoSend = ({ service, caller, body }: AwsRequest): boolean =>
  service === 'SQS' && (caller === 'ApiGateway' || 'MessageGroupId' in JSON.parse(`${body}`));

function bytesOf(lines: readonly FunctionLogLine[]): number {
  const isOwn = ({ functionName }: FunctionLogLine) =>
    functionName !== 'ApiGateway' && !functionName.includes(LEDGER);
  const own = lines.filter(isOwn);
  const invocations = own.filter(({ text }) => text.startsWith('START ')).length;
  const printed = own.reduce((sum, { text }) => sum + Buffer.byteLength(text) + 1 + LOG_EVENT_BYTES, 0);
  return printed + invocations * (END_LINE.length + LOG_EVENT_BYTES);
}

/** Notes each write with the item as it is before it; reads are metered at once. */
async function meterItems(
  dynamodb: DynamoDBClient,
  tables: Map<string, Table>,
  { operation, body }: AwsRequest,
  writes: Write[],
  add: (unit: string, count: number) => void,
): Promise<void> {
  const input = JSON.parse(`${body}`);
  if (operation === 'BatchGetItem') {
    for (const [name, { Keys, ConsistentRead }] of Object.entries<BatchRequest>(input.RequestItems)) {
      const table = await tableOf(dynamodb, tables, name);
      for (const key of Keys)
        add('DynamoDB.readUnits', await unitsToRead(dynamodb, table, key, ConsistentRead));
    }
    return;
  }
  if (operation === 'TransactWriteItems') {
    for (const item of input.TransactItems) await noteWrite(item.Put ?? item.Update, 2);
    return;
  }
  if (operation === 'PutItem' || operation === 'UpdateItem') {
    await noteWrite(input, 1);
    return;
  }
  if (operation !== 'GetItem') throw new Error(`not metered: ${operation}`);
  const table = await tableOf(dynamodb, tables, input.TableName);
  if (table.keys.includes('key_hash')) add('keys.GetItem', 1);
  else add('DynamoDB.readUnits', await unitsToRead(dynamodb, table, input.Key, input.ConsistentRead));

  async function noteWrite({ TableName, Key, Item: item }: WriteRequest, times: 1 | 2): Promise<void> {
    const written = await tableOf(dynamodb, tables, TableName);
    const key = Key ?? pick(item ?? {}, written.keys);
    writes.push({ table: written, times, key, before: await itemAt(dynamodb, written, key) });
  }
}

interface WriteRequest {
  readonly TableName: string;
  readonly Key?: Item;
  readonly Item?: Item;
}

interface BatchRequest {
  readonly Keys: readonly Item[];
  readonly ConsistentRead?: boolean;
}

/** What an item is after a write, the next write to it has found, or the end. */
async function meterWrites(
  dynamodb: DynamoDBClient,
  writes: readonly Write[],
  add: (unit: string, count: number) => void,
): Promise<void> {
  for (const [nth, { table, times, key, before }] of writes.entries()) {
    const isSame = (other: Write) =>
      other.table === table && JSON.stringify(other.key) === JSON.stringify(key);
    const next = writes.slice(nth + 1).find(isSame);
    const after = next ? next.before : await itemAt(dynamodb, table, key);
    add('DynamoDB.writeUnits', times * writeUnits(Math.max(bytesIn(before), bytesIn(after))));
    for (const projected of table.indexes) {
      const [old, fresh] = [before, after].map((item) => item && (projected ? pick(item, projected) : item));
      if (JSON.stringify(old) === JSON.stringify(fresh)) continue;
      add('DynamoDB.indexWriteUnits', writeUnits(Math.max(bytesIn(old), bytesIn(fresh))));
    }
  }
}

const bytesIn = (item: Item | undefined): number => (item ? itemBytes(item) : 0);

async function unitsToRead(
  dynamodb: DynamoDBClient,
  table: Table,
  key: Item,
  isConsistent = false,
): Promise<number> {
  const units = readUnits(bytesIn(await itemAt(dynamodb, table, key)));
  return isConsistent ? units : units / 2;
}

async function itemAt(dynamodb: DynamoDBClient, { name }: Table, Key: Item): Promise<Item | undefined> {
  const { Item } = await dynamodb.send(
    new GetItemCommand({ TableName: name, Key: Key as Record<string, AttributeValue>, ConsistentRead: true }),
  );
  return Item && sorted(Item);
}

async function tableOf(dynamodb: DynamoDBClient, tables: Map<string, Table>, name: string): Promise<Table> {
  const known = tables.get(name);
  if (known) return known;
  const { Table: described } = await dynamodb.send(new DescribeTableCommand({ TableName: name }));
  const namesIn = (schema: readonly { AttributeName?: string | undefined }[] = []) =>
    schema.flatMap(({ AttributeName }) => AttributeName ?? []);
  const keys = namesIn(described?.KeySchema);
  const indexes = (described?.GlobalSecondaryIndexes ?? []).map(({ KeySchema, Projection }) => {
    if (Projection?.ProjectionType === 'ALL') return undefined;
    return [...keys, ...namesIn(KeySchema), ...(Projection?.NonKeyAttributes ?? [])];
  });
  const table = { name, keys, indexes };
  tables.set(name, table);
  return table;
}

const pick = (item: Item, names: readonly string[]): Item =>
  sorted(Object.fromEntries(Object.entries(item).filter(([name]) => names.includes(name))));

const sorted = (item: Item): Item =>
  Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)));
