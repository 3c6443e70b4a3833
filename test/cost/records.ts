/** The measurements that docs/cost.md shows: each with its date and what was changed before it. The last one is the present. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Measurement } from './measure.ts';

export interface CostRecord extends Measurement {
  readonly date: string;
  /** What was changed since the one before. */
  readonly what: string;
}

const file = join(import.meta.dirname, 'records.json');

export const readCostRecords = (): CostRecord[] => JSON.parse(readFileSync(file, 'utf8'));

export function writeCostRecords(records: readonly CostRecord[]): void {
  writeFileSync(file, `${JSON.stringify(records, null, 2)}\n`);
}
