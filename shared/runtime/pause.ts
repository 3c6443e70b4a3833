/** Waits, unless the function is about to be stopped. */
import { setTimeout } from 'node:timers/promises';

/** How to wait, as it is passed to whoever needs it. */
export type Pause = (ms: number, signal?: AbortSignal) => Promise<void>;

/** @throws AbortError when the signal comes first */
export async function pause(ms: number, signal?: AbortSignal): Promise<void> {
  await setTimeout(ms, undefined, { signal });
}
