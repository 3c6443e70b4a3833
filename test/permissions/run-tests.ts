/** Vitest in a process of its own, with the environment by which the audit speaks to the system tests. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../..');

/** @returns the exit status of vitest */
export async function runSystemTests(
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
