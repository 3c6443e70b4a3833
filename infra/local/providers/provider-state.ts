/** What the modules of one stand-in share: its protocol, settings, tasks, fault rules and journal. */
import { setMaxListeners } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { Accounts } from './accounts.ts';
import { FaultRules } from './faults/rules.ts';
import { Journal } from './journal.ts';
import type { Settings } from './options.ts';
import { Pictures } from './pictures/pictures.ts';
import type { ProviderProtocol } from './protocol.ts';
import type { Task } from './task.ts';

export type ProviderState = {
  protocol: ProviderProtocol;
  settings: Settings;
  /** Base URL, known once the server listens. */
  url: string;
  tasks: Map<string, Task>;
  rules: FaultRules;
  journal: Journal;
  accounts: Accounts;
  pictures: Pictures;
  /** Aborts when the stand-in closes. */
  signal: AbortSignal;
  /** Waits in real time; rejects when the stand-in closes. */
  pause(ms: number): Promise<void>;
  log(line: string): void;
};

/** An empty state. */
export function newProviderState(
  protocol: ProviderProtocol,
  settings: Settings,
  signal: AbortSignal,
): ProviderState {
  // Every task in flight waits on the one signal.
  setMaxListeners(0, signal);
  return {
    protocol,
    settings,
    url: '',
    tasks: new Map(),
    rules: new FaultRules(),
    journal: new Journal(),
    accounts: new Accounts(),
    pictures: new Pictures(settings.pictures),
    signal,
    async pause(ms) {
      await delay(ms, undefined, { signal });
    },
    log(line) {
      if (settings.log) process.stderr.write(`${protocol.name} ${line}\n`);
    },
  };
}
