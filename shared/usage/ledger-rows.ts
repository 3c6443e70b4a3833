/**
 * The ledger's rows in the usage table: sums over the tasks that were created on a day, in UTC.
 *
 *   day#2026-11-24#<model>#<key id>        always one for a task
 *   metadata.<name>#2026-11-24#<value>     one for each name of the setting `usageMetadata`; without `#<value>` for the
 *                                          tasks that do not have the name
 */
import { createHash } from 'node:crypto';
import { marshall } from '@aws-sdk/util-dynamodb';
import type { TaskRecord } from '../task/record.ts';
import { type Counted, type Counters, contribution } from './contribution.ts';
import { dayOf } from './rows.ts';

export interface LedgerRow {
  readonly owner: string;
  readonly entry: string;
  readonly counters: Counters;
}

/** What rows are made of. */
export type LedgerRecord = Counted & Pick<TaskRecord, 'owner' | 'key_id' | 'model' | 'created' | 'metadata'>;

/** What an entry says. */
export interface LedgerEntry {
  readonly day: string;
  readonly model?: string;
  readonly key?: string;
  readonly metadata?: { readonly name: string; readonly value: string | undefined };
}

/** A sort key has 1024 bytes; beside the value stand a name of up to 64 and a day. */
const MAX_VALUE_BYTES = 512;

/** The partition of an owner's rows, from a day on. @param metadata the name of the metadata whose rows they are */
export const ledgerPrefix = (metadata: string | undefined, day: string): string =>
  `${metadata === undefined ? 'day' : `metadata.${metadata}`}#${day}`;

/**
 * The rows that a task adds to, with what it adds.
 * @param names the metadata that has rows of its own
 * @returns nothing for a record that no task of ours has
 */
export function rowsOf(record: Partial<LedgerRecord>, names: readonly string[]): LedgerRow[] {
  if (!isOurs(record)) return [];
  const { owner, key_id, model, created, metadata } = record;
  const day = dayOf(created * 1000);
  const counters = contribution(record);
  const own = { owner, entry: `${ledgerPrefix(undefined, day)}#${model}#${key_id}`, counters };
  const others = names.map((name) => {
    const given: unknown = Object.hasOwn(metadata ?? {}, name) ? metadata[name] : undefined;
    // What else stands in a record that a stranger wrote must not keep the others of its batch from being counted.
    const value = typeof given === 'string' ? given : undefined;
    const prefix = ledgerPrefix(name, day);
    return { owner, entry: value === undefined ? prefix : `${prefix}#${fitting(value)}`, counters };
  });
  return [own, ...others];
}

/** @returns nothing when it is no row of the ledger */
export function readEntry(entry: string): LedgerEntry | undefined {
  const own = /^day#(\d{4}-\d\d-\d\d)#([^#]+)#(.+)$/s.exec(entry);
  if (own) return { day: own[1]!, model: own[2]!, key: own[3]! };
  const other = /^metadata\.([^#]+)#(\d{4}-\d\d-\d\d)(?:#(.*))?$/s.exec(entry);
  return other ? { day: other[2]!, metadata: { name: other[1]!, value: other[3] } } : undefined;
}

const text = (value: unknown): boolean => typeof value === 'string' && value !== '';
/** Seconds that a date can be made of. */
const LAST_SECOND = 253_402_300_799;

function isOurs(record: Partial<LedgerRecord>): record is LedgerRecord {
  const { owner, key_id, model, created = -1 } = record;
  const isNamed = text(owner) && text(key_id) && text(model) && !model!.includes('#');
  return isNamed && Number.isInteger(created) && created >= 0 && created <= LAST_SECOND;
}

/** A long value's beginning, and a hash of the whole, so that two that begin alike stay apart. */
function fitting(value: string): string {
  if (Buffer.byteLength(value) <= MAX_VALUE_BYTES) return value;
  const hash = createHash('sha256').update(value).digest('hex').slice(0, 12);
  return `${Buffer.from(value)
    .subarray(0, 400)
    .toString()
    .replace(/\uFFFD$/, '')}…${hash}`;
}

/** Sums of rows, by owner and entry. */
export class LedgerSums {
  readonly #rows = new Map<string, { owner: string; entry: string; counters: Record<string, number> }>();

  /** How many rows differ from zero. */
  get size(): number {
    return this.rows().length;
  }

  /** @param sign 1 to add, -1 to take away */
  add(rows: readonly LedgerRow[], sign: 1 | -1 = 1): void {
    for (const { owner, entry, counters } of rows) {
      const key = `${owner} ${entry}`;
      const row = this.#rows.get(key) ?? { owner, entry, counters: {} };
      this.#rows.set(key, row);
      for (const [name, figure] of Object.entries(counters)) {
        row.counters[name] = (row.counters[name] ?? 0) + sign * figure;
      }
    }
  }

  /** Those that differ from zero, with what does. */
  rows(): LedgerRow[] {
    return [...this.#rows.values()].flatMap(({ owner, entry, counters }) => {
      const left = Object.entries(counters).filter(([, figure]) => figure !== 0);
      return left.length > 0 ? [{ owner, entry, counters: Object.fromEntries(left) }] : [];
    });
  }
}

/** The update that adds to a row; it also counts its `writes`, which tell one state of the row from the next. */
export function rowAddition({ owner, entry, counters }: LedgerRow) {
  const figures = Object.entries({ ...counters, writes: 1 });
  return {
    Key: marshall({ owner, entry }),
    UpdateExpression: `ADD ${figures.map((_, nth) => `#n${nth} :v${nth}`).join(', ')}`,
    ExpressionAttributeNames: Object.fromEntries(figures.map(([name], nth) => [`#n${nth}`, name])),
    ExpressionAttributeValues: marshall(
      Object.fromEntries(figures.map(([, figure], nth) => [`:v${nth}`, figure])),
    ),
  };
}
