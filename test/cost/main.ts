/**
 * `npm run cost`: counts what tasks cost now, and writes docs/cost.md. The present record is replaced; with `--record "what
 * was changed"` a new one is added, beside which the one before stays. With `--page` nothing is counted, and the page
 * is written from the records that there are.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { measure } from './measure.ts';
import { costPage } from './page.ts';
import { type CostRecord, readCostRecords, writeCostRecords } from './records.ts';

const PAGE = join(import.meta.dirname, '../../docs/cost.md');
const { values } = parseArgs({
  options: { record: { type: 'string' }, page: { type: 'boolean', default: false } },
});

if (!values.page) {
  const records = readCostRecords();
  const what = values.record ?? records.at(-1)?.what ?? 'as it was';
  const date = new Date().toISOString().slice(0, 10);
  const kept = values.record === undefined ? records.slice(0, -1) : records;
  const now: CostRecord = { date, what, ...(await measure((line) => console.error(line))) };
  writeCostRecords([...kept, now]);
}
await writeFile(PAGE, costPage(readCostRecords()));
console.log('docs/cost.md is written');
