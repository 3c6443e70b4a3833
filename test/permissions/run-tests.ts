/** Vitest in a process of its own, with the environment by which the audit speaks to the system tests. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../..');

/** @returns the exit status of vitest, and with `pipe` what it printed */
export async function runSystemTests(
  args: readonly string[],
  environment: Record<string, string>,
  output: 'inherit' | 'pipe',
): Promise<{ readonly status: number; readonly text: string }> {
  const vitest = join(root, 'node_modules/vitest/vitest.mjs');
  const child = spawn(process.execPath, [vitest, 'run', '--project', 'system', ...args], {
    cwd: root,
    stdio: ['ignore', output, output],
    env: { ...process.env, ...environment },
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (text += chunk));
  const [status] = await once(child, 'close');
  return { status: Number(status ?? 1), text };
}
