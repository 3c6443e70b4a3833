/**
 * `npm run audit:permissions`: runs the system tests and writes docs/permissions.md, or fails with the grants that no
 * test needs. `-- test/system/<name>.test.ts` runs only these files, and changes only what they show. With `--prove` it then takes each grant away in turn, and fails with those that the named test does not miss;
 * those without which nothing starts are taken away by test/system/permissions.test.ts, in every run.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { textOf } from '../support/sources.ts';
import { type NamedTest, pageOf, type Row, readPage, rowsOf } from './page.ts';
import { type PermissionRecord, readRecords } from './records.ts';

const root = join(import.meta.dirname, '../..');
const page = join(root, 'docs/permissions.md');

/** A test that waits for what a missing grant has stopped waits in vain. */
const PROOF_LIMIT_MS = 60_000;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    prove: { type: 'boolean', default: false },
    /** Records of an earlier run, instead of running the tests now. */
    records: { type: 'string' },
    /** Proves only the grants that contain this. */
    only: { type: 'string', default: '' },
  },
});

const rows = await audit();
await writeFile(page, pageOf(rows));
console.log(`docs/permissions.md: ${rows.length} grants, each needed`);
if (values.prove) await prove(rows.filter(({ grant }) => grant.includes(values.only)));

async function audit(): Promise<Row[]> {
  const before = readPage(await readFile(page, 'utf8').catch(() => ''));
  const read = async (directory: string) =>
    rowsOf(await orderedRecords(directory), before, { isWhole: positionals.length === 0 });
  if (values.records !== undefined) return read(values.records);
  const directory = await mkdtemp(join(tmpdir(), 'wanhook-permissions-'));
  try {
    const files = positionals.length > 0 ? positionals : ['test/system'];
    const status = await runTests(files, { WANHOOK_PERMISSIONS: directory }, 'inherit');
    if (status !== 0) throw new Error('the system tests failed');
    return await read(directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** The main job first: who reads the page knows it best. Last the files whose tests run at once, because of them it is not sure which one it was. */
async function orderedRecords(directory: string): Promise<PermissionRecord[]> {
  const records = await readRecords(directory);
  const rank = ({ file }: PermissionRecord): number => {
    if (file.endsWith('/main-job.test.ts')) return 0;
    return textOf(file).includes('.concurrent') ? 2 : 1;
  };
  return records.sort((one, other) => rank(one) - rank(other));
}

async function prove(all: readonly Row[]): Promise<void> {
  const missed: string[] = [];
  for (const { grant, test } of all) {
    if (!test) continue;
    const fails = await failsWithout(grant, test);
    console.log(`${fails ? 'fails' : 'PASSES'} without ${grant}`);
    if (!fails) missed.push(grant);
  }
  if (missed.length > 0) throw new Error(`the named tests do not miss:\n${missed.join('\n')}`);
}

/** Whether the tests fail, and of the refusal that the grant's absence causes: in every file a refused request is a failure. */
async function failsWithout(grant: string, { file, name }: NamedTest): Promise<boolean> {
  const directory = await mkdtemp(join(tmpdir(), 'wanhook-proof-'));
  const report = join(directory, 'report.json');
  const chosen = [file, '-t', `^${escaped(name).replaceAll(' > ', '( > | )')}$`];
  try {
    const limits = [`--testTimeout=${PROOF_LIMIT_MS}`, `--hookTimeout=${PROOF_LIMIT_MS}`];
    const output = ['--reporter=json', `--outputFile=${report}`];
    await runTests([...chosen, ...limits, ...output], { WANHOOK_WITHOUT_GRANT: grant }, 'ignore');
    const { success, testResults } = JSON.parse(await readFile(report, 'utf8')) as Report;
    return !success && testResults.some(({ message }) => message.includes(`refused: ${actionOf(grant)} on `));
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

interface Report {
  readonly success: boolean;
  readonly testResults: readonly { readonly message: string }[];
}

function actionOf(grant: string): string {
  return grant.replace(/^.*?: (\S+) on .*$/, '$1');
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

/** @returns the exit status of vitest */
async function runTests(
  args: readonly string[],
  environment: Record<string, string>,
  stdio: 'inherit' | 'ignore',
): Promise<number> {
  const vitest = join(root, 'node_modules/vitest/vitest.mjs');
  const child = spawn(process.execPath, [vitest, 'run', '--project', 'system', ...args], {
    cwd: root,
    stdio,
    env: { ...process.env, ...environment },
  });
  const [status] = await once(child, 'exit');
  return Number(status ?? 1);
}
