/** Starts the stand-in providers as a process of their own, so that they take nothing from the cloud they call. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import type { ProviderName } from '../../shared/providers/definitions.ts';

const PROGRAM = resolve(import.meta.dirname, './providers/main.ts');

export interface StandIn {
  /** Base URLs by provider. */
  readonly providers: Readonly<Record<ProviderName, string>>;
  stop(): Promise<void>;
}

/**
 * @param flags see infra/local/providers/main.ts
 * @throws Error when it ends before it is ready; what it printed stands on our standard error
 */
export async function startStandIn(flags: readonly string[] = []): Promise<StandIn> {
  const child = spawn(process.execPath, [PROGRAM, '--allow-loopback', ...flags], {
    // It ends when this pipe closes: also when we are killed.
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ready = once(createInterface(child.stdout!), 'line') as Promise<[string]>;
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`The stand-in providers ended with code ${code} before they were ready`);
  });
  const [line] = await Promise.race([ready, ended]);
  ended.catch(() => undefined);
  return { providers: JSON.parse(line), stop: () => stop(child) };
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  await exited;
}
