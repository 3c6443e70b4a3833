/** Waiting for a condition: every test that waits does it here. */

/**
 * Only ends a hang: many times what anything here takes on an idle machine, and less than a test's own limit
 * (vitest.config.ts), so that the error says what was waited for.
 */
const PATIENCE_MS = 240_000;
/** Between two looks; longer from look to look, because every look costs, and what took long may take as long again. */
const FIRST_PAUSE_MS = 20;
const LONGEST_PAUSE_MS = 150;
const GROWTH = 1.2;

/**
 * Looks again and again until there is something: neither undefined, nor false, nor a count of 0.
 * @throws Error naming what did not come
 */
export async function eventually<T>(
  look: () => Promise<T | false | 0 | undefined> | T | false | 0 | undefined,
  what = String(look),
): Promise<T> {
  const end = Date.now() + PATIENCE_MS;
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * GROWTH, LONGEST_PAUSE_MS)) {
    const found = await look();
    if (found !== undefined && found !== false && found !== 0) return found;
    if (Date.now() > end) throw new Error(`${what} did not come within ${PATIENCE_MS / 1000} s`);
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}
