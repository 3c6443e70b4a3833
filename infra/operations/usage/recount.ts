/** What the usage table should hold, recomputed from the tasks' records. */
import { type DynamoDBClient, paginateScan } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { hasEnded, type TaskRecord } from '../../../shared/task/record.ts';
import { LedgerSums, rowsOf } from '../../../shared/usage/ledger-rows.ts';
import { amountCounters, imageCounters, monthEntry, runningEntry } from '../../../shared/usage/rows.ts';

/** What of a record is needed. */
const ATTRIBUTES = [
  ...['owner', 'key_id', 'model', 'created', 'expires_at', 'metadata', 'status', 'submission'],
  ...['asked', 'charge', 'lost', 'completed', 'reservation'],
] as const;
export type Counted = Pick<TaskRecord, (typeof ATTRIBUTES)[number]>;

export class Recount {
  readonly rows = new LedgerSums();
  readonly counters = new LedgerSums();
  readonly #latest = new Map<string, number>();
  readonly #names: readonly string[];
  #tasks = 0;
  #retention = Number.POSITIVE_INFINITY;

  /** @param names the metadata that has rows of its own */
  constructor(names: readonly string[]) {
    this.#names = names;
  }

  get tasks(): number {
    return this.#tasks;
  }

  /** The shortest time, in seconds, that a record is kept: of days before that, some may be gone. */
  get retention(): number {
    return this.#retention;
  }

  /** When a task of the row changed last, in seconds since 1970; infinite while one is open, nothing for no task. */
  latestIn(owner: string, entry: string): number | undefined {
    return this.#latest.get(`${owner} ${entry}`);
  }

  add(record: Counted): void {
    const rows = rowsOf(record, this.#names);
    if (rows.length === 0) return;
    this.#tasks += 1;
    this.rows.add(rows);
    this.#retention = Math.min(this.#retention, record.expires_at - record.created);
    const changed = hasEnded(record.status) ? (record.completed ?? record.created) : Number.POSITIVE_INFINITY;
    for (const { owner, entry } of rows) {
      const key = `${owner} ${entry}`;
      this.#latest.set(key, Math.max(this.#latest.get(key) ?? 0, changed));
    }
    this.#addCounters(record);
  }

  /** What budgets and limits hold of it: what was asked until it is settled, then the charge. */
  #addCounters({ owner, asked, reservation, charge }: Counted): void {
    const day = reservation?.budget ? reservation.day : charge?.budget_day;
    const held = reservation ? asked : charge;
    if (day !== undefined && held) {
      const counters: Record<string, number> = {};
      const add = ({ month, day: ofDay }: { month: string; day: string }, figure: number) => {
        counters[month] = figure;
        counters[ofDay] = figure;
      };
      add(imageCounters(day), held.images);
      if (held.amount !== undefined && held.currency !== undefined) {
        add(amountCounters(day, held.currency), held.amount);
      }
      this.counters.add([{ owner, entry: monthEntry(day), counters }]);
    }
    if (reservation?.running && asked) {
      const entry = runningEntry(reservation.running);
      this.counters.add([{ owner, entry, counters: { images: asked.images } }]);
    }
  }
}

/**
 * One scan of the whole table.
 * @param table the tasks table's name
 */
export async function recount(
  client: DynamoDBClient,
  table: string,
  names: readonly string[],
): Promise<Recount> {
  const result = new Recount(names);
  const placeholders = Object.fromEntries(ATTRIBUTES.map((name) => [`#${name}`, name]));
  const scan = {
    TableName: table,
    ConsistentRead: true,
    ProjectionExpression: Object.keys(placeholders).join(', '),
    ExpressionAttributeNames: placeholders,
  };
  for await (const { Items = [] } of paginateScan({ client }, scan)) {
    for (const item of Items) result.add(unmarshall(item) as Counted);
  }
  return result;
}
