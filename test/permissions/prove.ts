/** Takes one grant away and runs the test that is said to miss it. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NamedTest } from './page.ts';
import { runSystemTests } from './run-tests.ts';

/** A test that waits for what a missing grant has stopped waits in vain. */
const PROOF_LIMIT_MS = 60_000;

/** Whether the tests fail, and of the refusal that the grant's absence causes: in every file a refused request is a failure. */
export async function failsWithout(grant: string, { file, name }: NamedTest): Promise<boolean> {
  const directory = await mkdtemp(join(tmpdir(), 'wanhook-proof-'));
  const report = join(directory, 'report.json');
  const chosen = [file, '-t', `^${escaped(name).replaceAll(' > ', '( > | )')}$`];
  try {
    const limits = [`--testTimeout=${PROOF_LIMIT_MS}`, `--hookTimeout=${PROOF_LIMIT_MS}`];
    const output = ['--reporter=json', `--outputFile=${report}`];
    await runSystemTests([...chosen, ...limits, ...output], { WANHOOK_WITHOUT_GRANT: grant }, 'ignore');
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
