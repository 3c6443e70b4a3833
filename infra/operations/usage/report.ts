/** The ledger as an operator reads it: all owners, as a table, as CSV or as JSON. */
import { COUNTS, type Counters, MONEY } from '../../../shared/usage/contribution.ts';
import { amountOf } from '../../../shared/usage/money.ts';
import { type PublicUsage, publicUsage } from '../../../shared/usage/public-usage.ts';
import type { Grouping } from '../../../shared/usage/usage-parameters.ts';
import { textTable } from '../text-table.ts';
import type { StoredRow } from './stored-usage.ts';

export type ReportGrouping = Grouping | { readonly kind: 'owner' };

interface Line {
  readonly owner: string;
  /** Undefined when it is grouped by owner; null for tasks without the metadata. */
  readonly group: string | null | undefined;
  readonly counters: Record<string, number>;
}

/** @param from and `to`: days like `2026-11-24`, both of which are in it */
export function linesOf(
  rows: readonly StoredRow[],
  { from, to, grouping }: { readonly from: string; readonly to: string; readonly grouping: ReportGrouping },
): Line[] {
  const lines = new Map<string, Line>();
  for (const { owner, of, counters } of rows) {
    const name = grouping.kind === 'metadata' ? grouping.name : undefined;
    if (of.day < from || of.day > to || of.metadata?.name !== name) continue;
    const group = groupOf(of, grouping);
    const key = JSON.stringify([owner, group]);
    const line = lines.get(key) ?? { owner, group, counters: {} };
    lines.set(key, line);
    for (const [counter, figure] of Object.entries(counters)) {
      line.counters[counter] = (line.counters[counter] ?? 0) + figure;
    }
  }
  return [...lines.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, line]) => line);
}

function groupOf(of: StoredRow['of'], { kind }: ReportGrouping): string | null | undefined {
  if (kind === 'owner') return undefined;
  return (kind === 'metadata' ? of.metadata?.value : of[kind]) ?? null;
}

interface Cells {
  readonly heading: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

function cellsOf(lines: readonly Line[]): Cells {
  const grouped = lines.some(({ group }) => group !== undefined);
  const money = moneyIn(lines);
  const heading = ['owner', ...(grouped ? ['group'] : []), ...COUNTS, ...money];
  const rows = lines.map(({ owner, group, counters }) => [
    owner,
    ...(grouped ? [group ?? ''] : []),
    ...COUNTS.map((name) => String(counters[name] ?? 0)),
    // What nobody has counted in this currency is left empty, which is not 0.
    ...money.map((name) => (counters[name] === undefined ? '' : String(amountOf(counters[name])))),
  ]);
  return { heading, rows };
}

/** `reserved_USD, charged_USD, released_USD`, by currency. */
function moneyIn(lines: readonly Line[]): string[] {
  const names = new Set(lines.flatMap(({ counters }) => Object.keys(counters)));
  const currencies = new Set(
    [...names].flatMap((name) => new RegExp(`^(?:${MONEY.join('|')})_(.+)$`).exec(name)?.[1] ?? []),
  );
  return [...currencies].sort().flatMap((currency) => MONEY.map((kind) => `${kind}_${currency}`));
}

export function asTable(lines: readonly Line[]): string {
  const { heading, rows } = cellsOf(lines);
  return rows.length === 0 ? 'No tasks were counted in these days.' : textTable(heading, rows);
}

/** RFC 4180. */
export function asCsv(lines: readonly Line[]): string {
  const { heading, rows } = cellsOf(lines);
  return [heading, ...rows].map((row) => `${row.map(csvCell).join(',')}\r\n`).join('');
}

/** A spreadsheet takes what begins so for a formula, and the metadata is the callers'. */
const FORMULA = /^[=+\-@\t\r]/;

function csvCell(text: string): string {
  const safe = FORMULA.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

export type ReportLine = PublicUsage & { readonly owner: string; readonly group?: string | null };

export const asJson = (lines: readonly Line[]): ReportLine[] =>
  lines.map(({ owner, group, counters }) => ({
    owner,
    ...(group !== undefined && { group }),
    ...publicUsage(counters as Counters),
  }));
