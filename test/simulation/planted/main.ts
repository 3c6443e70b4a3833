/**
 * Plants every bug in a copy of the tree, one after another, and tells which run finds it: the simulation, the unit tests.
 *
 *   npm run simulate:planted                          all, by both, with the table of docs/planted-bugs.md
 *   npm run simulate:planted -- --only 'last outcome' those whose name matches it
 *   npm run simulate:planted -- --no-tests            by the simulation alone
 *   npm run simulate:planted -- --no-simulation       by the tests alone
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Bug } from './bug.ts';
import { bugs } from './bugs.ts';

const ROOT = join(import.meta.dirname, '../../..');
/** Promises whose parties cannot be simulated are for the tests alone to keep. */
const LONGEST_MS = 15 * 60_000;

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: 'planted' },
    programs: { type: 'string', default: '4000' },
    only: { type: 'string', default: '' },
    tests: { type: 'boolean', default: true },
    simulation: { type: 'boolean', default: true },
  },
  allowNegative: true,
});

interface Found {
  readonly bug: Bug;
  /** After so many programs; nothing: not at all. */
  readonly simulation: number | undefined;
  readonly violation: string;
  readonly tests: boolean | undefined;
}

const wanted = bugs.filter(({ name }) => new RegExp(values.only).test(name));
const notSimulated = { simulation: undefined, violation: '' };
// Each bug has the machine's cores for its two runs.
const found: Found[] = [];
for (const bug of wanted) {
  const one = await tried(bug);
  found.push(one);
  const { simulation, tests, violation } = one;
  console.error(`${bug.name}: simulation ${simulation ?? '–'}, tests ${tests ?? 'not run'} ${violation}`);
}
console.log(tableOf(found));
process.exitCode = found.every(({ simulation, tests }) => simulation !== undefined || tests === true) ? 0 : 1;

async function tried(bug: Bug): Promise<Found> {
  const tree = copyOf(bug);
  try {
    const [simulation, tests] = await Promise.all([
      values.simulation ? simulate(tree) : notSimulated,
      values.tests ? test(tree, bug) : undefined,
    ]);
    return { bug, ...simulation, tests };
  } finally {
    rmSync(tree, { recursive: true, force: true });
  }
}

function copyOf({ edits }: Bug): string {
  const tree = mkdtempSync(join(tmpdir(), 'wanhook-planted-'));
  const files = execFileSync('git', ['ls-files', '-coz', '--exclude-standard'], { cwd: ROOT })
    .toString()
    .split('\0')
    .filter(Boolean);
  for (const file of files) cpSync(join(ROOT, file), join(tree, file));
  symlinkSync(join(ROOT, 'node_modules'), join(tree, 'node_modules'));
  for (const { file, before, after } of edits) {
    const text = readFileSync(join(tree, file), 'utf8');
    if (!text.includes(before)) throw new Error(`${file} has no longer: ${before}`);
    // A function, because a replacement text may hold a dollar sign.
    writeFileSync(
      join(tree, file),
      text.replace(before, () => after),
    );
  }
  return tree;
}

async function simulate(tree: string): Promise<Pick<Found, 'simulation' | 'violation'>> {
  const program = join(tree, 'test/simulation/planted/search.ts');
  const { code, output } = await ended(spawn(process.execPath, [program, values.seed, values.programs]));
  if (code !== 0) throw new Error(`The simulation does not start in the copy:\n${output}`);
  const { found: programs, violation = '' } = JSON.parse(output) as {
    found: number | null;
    violation?: string;
  };
  return { simulation: programs ?? undefined, violation };
}

/** @returns whether a test failed */
async function test(tree: string, { tests }: Bug): Promise<boolean> {
  const vitest = join(ROOT, 'node_modules/vitest/vitest.mjs');
  const paths = tests.map((path) => join('test', path));
  const options = ['run', '--project', 'unit', '--bail', '1', '--testTimeout', '120000', ...paths];
  const { code } = await ended(spawn(process.execPath, [vitest, ...options], { cwd: tree }));
  return code !== 0;
}

function ended(child: ChildProcess): Promise<{ code: number | null; output: string }> {
  const output: string[] = [];
  child.stdout?.on('data', (text) => output.push(String(text)));
  child.stderr?.on('data', (text) => output.push(String(text)));
  const late = setTimeout(() => child.kill('SIGKILL'), LONGEST_MS);
  return new Promise((resolve) => {
    child.once('close', (code) => {
      clearTimeout(late);
      resolve({ code, output: output.join('') });
    });
  });
}

function tableOf(all: readonly Found[]): string {
  const rows = all.map(({ bug, simulation, tests, violation }) => {
    const byTests = tests === undefined ? '' : tests ? 'yes' : 'no';
    return `| ${bug.name} | ${bug.promise} | ${simulation ?? 'no'} | ${byTests} | ${violation} |`;
  });
  return [
    '| bug | promise | simulation | tests | what the simulation says |',
    '|---|---|---|---|---|',
    ...rows,
  ].join('\n');
}
