/** The stand-in providers as a process: its one line, its options, its end. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import type { ProviderName } from '../../../../infra/local/providers/index.ts';
import { call, newKey } from './testing.ts';

const main = fileURLToPath(new URL('../../../../infra/local/providers/main.ts', import.meta.url));

type Started = { child: ChildProcess; addresses: Record<ProviderName, string> };

async function start(...flags: string[]): Promise<Started> {
  const child = spawn(process.execPath, [main, ...flags], { stdio: ['pipe', 'pipe', 'inherit'] });
  const [line] = (await once(child.stdout!, 'data')) as [Buffer];
  return { child, addresses: JSON.parse(line.toString()) };
}

test('prints its addresses, serves both providers, and ends with its stdin', async () => {
  const { child, addresses } = await start('--quick', '--quiet', '--allow-loopback');
  const key = newKey();

  const evolink = await call(`${addresses.evolink}/v1/tasks/nonsense`, key);
  const vtrix = await call(`${addresses.vtrix}/model/v1/generation/task/nonsense`, key);
  const exit = once(child, 'exit');
  child.stdin?.end();

  expect([evolink.status, vtrix.status]).toEqual([400, 404]);
  expect(await exit).toEqual([0, null]);
});

test('ends on SIGTERM', async () => {
  const { child } = await start('--quiet', '--stay');
  const exit = once(child, 'exit');

  child.kill('SIGTERM');

  expect(await exit).toEqual([0, null]);
});

test.each([
  ['an unknown flag', '--oops'],
  ['a port that is no number', '--port=evolink=x'],
  ['a port of a provider that does not exist', '--port=nobody=9001'],
  ['a style that does not exist', '--pictures=oil'],
])('%s ends it with an error', async (_, flag) => {
  const child = spawn(process.execPath, [main, flag], { stdio: 'ignore' });

  const [code] = await once(child, 'exit');

  expect(code).toBe(1);
});
