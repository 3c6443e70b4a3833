/** Waits for something no longer than it is worth. */
import { type Pause, pause as realPause } from './pause.ts';

/** Waits, as it is passed to whoever needs it. */
export type Within = <T>(ms: number, work: Promise<T>) => Promise<T>;

/**
 * What the work comes to, if it does within so many milliseconds. The work itself is not stopped.
 * @throws Error when the time is over first
 */
export async function within<T>(ms: number, work: Promise<T>, pause: Pause = realPause): Promise<T> {
  const over = new AbortController();
  const late = pause(ms, over.signal).then(() => {
    throw new Error(`It took more than ${ms} ms`);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    late.catch(() => undefined);
    over.abort();
  }
}
