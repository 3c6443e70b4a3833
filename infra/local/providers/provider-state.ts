/** What one provider's parts share: its words, settings, tasks, rules and records. */
import { setMaxListeners } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type { Dialect } from './dialect.ts';
import { FaultRules } from './faults.ts';
import { Journal } from './journal.ts';
import type { Settings } from './options.ts';
import { Pictures } from './pictures/pictures.ts';
import type { Task } from './task.ts';

export type ProviderState = {
  dialect: Dialect;
  settings: Settings;
  /** Base URL, known once the server listens. */
  url: string;
  tasks: Map<string, Task>;
  rules: FaultRules;
  journal: Journal;
  pictures: Pictures;
  /** Aborts when the simulator closes. */
  signal: AbortSignal;
  /** Waits in real time; rejects when the simulator closes. */
  pause(ms: number): Promise<void>;
  log(line: string): void;
};

/** An empty state. */
export function newProviderState(dialect: Dialect, settings: Settings, signal: AbortSignal): ProviderState {
  // Every task in flight waits on the one signal.
  setMaxListeners(0, signal);
  return {
    dialect,
    settings,
    url: '',
    tasks: new Map(),
    rules: new FaultRules(),
    journal: new Journal(),
    pictures: new Pictures(settings.pictures),
    signal,
    async pause(ms) {
      await delay(ms, undefined, { signal });
    },
    log(line) {
      if (settings.log) process.stderr.write(`${dialect.name} ${line}\n`);
    },
  };
}
