/** Waits, unless the function is about to be stopped. */
import { setTimeout } from 'node:timers/promises';

/** @throws AbortError when the signal comes first */
export async function pause(ms: number, signal?: AbortSignal): Promise<void> {
  await setTimeout(ms, undefined, { signal });
}
