/** Compares the usage table with what the tasks' records say. */
import type { Counters } from '../../../shared/usage/contribution.ts';
import {
  type LedgerEntry,
  type LedgerRow,
  LedgerSums,
  readEntry,
} from '../../../shared/usage/ledger-rows.ts';
import type { Recount } from './recount.ts';
import type { StoredUsage } from './stored-usage.ts';

export interface Difference {
  readonly owner: string;
  readonly entry: string;
  /** By counter: what the records say beyond what the table holds. */
  readonly missing: Counters;
  /**
   * - `repairable`: nothing will change the row any more but a repair.
   * - `on its way`: its changes may still come.
   * - `records gone`: the ledger knows of more tasks than there are records.
   * - `counter`: of a budget, or of images at once.
   */
  readonly kind: 'repairable' | 'on its way' | 'records gone' | 'counter';
  /** How often the row was written; for the condition of its repair. */
  readonly writes: number;
}

export interface Verification {
  readonly tasks: number;
  readonly rows: number;
  /** Rows of days of which records may have been deleted by their retention. */
  readonly unverifiable: number;
  readonly differences: readonly Difference[];
}

const DAY = 86_400;
/** The stream remembers a day; an hour more for clocks and for the last batch. */
export const SETTLED_SECONDS = DAY + 3600;

/** @param now seconds since 1970 */
export function verify(stored: StoredUsage, counted: Recount, now: number): Verification {
  // Without any task nothing is known of any day.
  const isKept = (day: string) => counted.tasks > 0 && Date.parse(day) / 1000 > now - counted.retention;
  const kept = stored.rows.filter(({ of }) => isKept(of.day));
  const writes = new Map(kept.map(({ owner, entry, writes: count }) => [`${owner} ${entry}`, count]));
  const expected = counted.rows.rows().filter(({ entry }) => isKept(dayIn(readEntry(entry))));
  const ofRows = differences(kept, expected).map(({ owner, entry, counters }): Difference => {
    // A row without any task, and whose day is over, gets no change any more either.
    const latest = counted.latestIn(owner, entry) ?? Date.parse(dayIn(readEntry(entry))) / 1000 + DAY;
    const isSettled = latest < now - SETTLED_SECONDS;
    const settledKind = (counters.requests ?? 0) < 0 ? 'records gone' : 'repairable';
    const kind = isSettled ? settledKind : 'on its way';
    return { owner, entry, missing: counters, kind, writes: writes.get(`${owner} ${entry}`) ?? 0 };
  });
  const isKeptMonth = ({ entry }: LedgerRow) =>
    !entry.startsWith('month#') || isKept(`${entry.slice('month#'.length)}-01`);
  const ofCounters = differences(
    stored.counters.filter(isKeptMonth),
    counted.counters.rows().filter(isKeptMonth),
  ).map(
    ({ owner, entry, counters }): Difference => ({
      owner,
      entry,
      missing: counters,
      kind: 'counter',
      writes: 0,
    }),
  );
  return {
    tasks: counted.tasks,
    rows: kept.length,
    unverifiable: stored.rows.length - kept.length,
    differences: [...ofRows, ...ofCounters],
  };
}

const dayIn = (entry: LedgerEntry | undefined): string => entry?.day ?? '';

/** Expected less stored, where that is not nothing. */
function differences(stored: readonly LedgerRow[], expected: readonly LedgerRow[]): LedgerRow[] {
  const sums = new LedgerSums();
  sums.add(expected);
  sums.add(stored, -1);
  return sums.rows().sort((a, b) => (key(a) < key(b) ? -1 : 1));
}

const key = ({ owner, entry }: LedgerRow): string => `${owner} ${entry}`;
