/**
 * `npm run audit:permissions`: runs the system tests and writes docs/permissions.md, or fails with the grants that no
 * test needs. `-- test/system/<name>.test.ts` runs only these files, and changes only what they show. With `--prove` it
 * takes away each grant of the page that was never taken away so far (`--all`: every one; `--only <text>`: those that
 * contain it), marks it when the named test misses it, and fails with those that it does not miss.
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { textOf } from '../support/sources.ts';
import { pageOf, type Row, readPage, rowsOf } from './page.ts';
import { failsWithout } from './prove.ts';
import { type PermissionRecord, readRecords } from './records.ts';
import { runSystemTests } from './run-tests.ts';

const page = join(import.meta.dirname, '../../docs/permissions.md');

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    prove: { type: 'boolean', default: false },
    all: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
    /** Records of an earlier run, instead of running the tests now. */
    records: { type: 'string' },
  },
});

const before = readPage(await readFile(page, 'utf8').catch(() => ''));
if (values.prove) await prove(before);
else await audit();

async function audit(): Promise<void> {
  const rows = rowsOf(await records(), before, { isWhole: positionals.length === 0 });
  await writeFile(page, pageOf(rows));
  console.log(`docs/permissions.md: ${rows.length} grants, each needed`);
}

async function records(): Promise<PermissionRecord[]> {
  if (values.records !== undefined) return orderedRecords(values.records);
  const directory = await mkdtemp(join(tmpdir(), 'wanhook-permissions-'));
  try {
    const files = positionals.length > 0 ? positionals : ['test/system'];
    const { status } = await runSystemTests(files, { WANHOOK_PERMISSIONS: directory }, 'inherit');
    if (status !== 0) throw new Error('the system tests failed');
    return await orderedRecords(directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** The main job first: who reads the page knows it best. Last the files whose tests run at once, because of them it is not sure which one it was. */
async function orderedRecords(directory: string): Promise<PermissionRecord[]> {
  const found = await readRecords(directory);
  const rank = ({ file }: PermissionRecord): number => {
    if (file.endsWith('/main-job.test.ts')) return 0;
    return textOf(file).includes('.concurrent') ? 2 : 1;
  };
  return found.sort((one, other) => rank(one) - rank(other));
}

/** The page is written after each grant: a run that is ended early loses nothing. */
async function prove(rows: Row[]): Promise<void> {
  const missed: string[] = [];
  for (const [index, row] of rows.entries()) {
    const { grant, test } = row;
    if (!test || !grant.includes(values.only) || (row.isProven && !values.all)) continue;
    const isProven = await failsWithout(grant, test);
    console.log(`${isProven ? 'fails' : 'PASSES'} without ${grant}`);
    if (!isProven) missed.push(grant);
    rows[index] = { ...row, isProven };
    await writeFile(page, pageOf(rows));
  }
  if (missed.length > 0) throw new Error(`the named tests do not miss:\n${missed.join('\n')}`);
}
