/** A real store whose calls are written down, and which fails where a test says: the crash after each step. */
import type { TaskStore } from '../../shared/task/store.ts';

export type Call = keyof TaskStore;

export interface WatchedStore {
  readonly store: TaskStore;
  /** Every call in order. */
  readonly calls: Call[];
  /** The calls that write, in order. */
  readonly writes: () => Call[];
  /** Once: `before` nothing is written, `after` it is, but the caller does not learn of it. */
  failOnce(call: Call, when: 'before' | 'after'): void;
}

export function watched(store: TaskStore): WatchedStore {
  const calls: Call[] = [];
  const faults = new Map<Call, 'before' | 'after'>();
  const watchedCall =
    (call: Call) =>
    async (...args: unknown[]) => {
      calls.push(call);
      const fault = faults.get(call);
      faults.delete(call);
      if (fault === 'before') throw new Error(`${call}: the table cannot be reached`);
      const result = await (store[call] as (...given: unknown[]) => Promise<unknown>)(...args);
      if (fault === 'after') throw new Error(`${call}: the answer was lost`);
      return result;
    };
  const all = (Object.keys(store) as Call[]).map((call) => [call, watchedCall(call)]);
  return {
    calls,
    store: Object.fromEntries(all) as TaskStore,
    writes: () => calls.filter((call) => call !== 'get'),
    failOnce: (call, when) => void faults.set(call, when),
  };
}
