/** Takes one grant away and runs the test that is said to miss it. */
import type { NamedTest } from './page.ts';
import { runSystemTests } from './run-tests.ts';

/** A test that waits for what a missing grant has stopped waits in vain. */
const PROOF_LIMIT_MS = 60_000;

/** Whether the tests fail, and of the refusal that the grant's absence causes: in every file a refused request is a failure. */
export async function failsWithout(grant: string, { file, name }: NamedTest): Promise<boolean> {
  const chosen = [file, '-t', `^${escaped(name).replaceAll(' > ', '( > | )')}$`];
  const limits = [`--testTimeout=${PROOF_LIMIT_MS}`, `--hookTimeout=${PROOF_LIMIT_MS}`];
  const environment = { WANHOOK_WITHOUT_GRANT: grant, NO_COLOR: '1' };
  const { status, text } = await runSystemTests([...chosen, ...limits], environment, 'pipe');
  // In a group of tests the refusal is the group's own failure, which the JSON report of vitest leaves out.
  return status !== 0 && text.includes(`refused: ${actionOf(grant)} on `);
}

function actionOf(grant: string): string {
  return grant.replace(/^.*?: (\S+) on .*$/, '$1');
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
