/** Creates the task at its provider: once, unless it is certain that nothing was created (promise 2). */
import type { Created, Provider } from '../../shared/providers/provider.ts';

export interface CreateParts {
  readonly now: () => number;
  readonly pause: (ms: number) => Promise<void>;
  /** When the answer to the caller must be out; milliseconds since 1970. */
  readonly deadline: number;
}

/** Pauses before another try, if the provider names no longer one. */
const PAUSES_MS = [500, 1500, 3000];
/** A create is answered quickly or not at all; the rest of the time is for trying again. */
const CREATE_TIMEOUT_MS = 20_000;
/** Less than this is not worth a try: it would only make an unconfirmed task of a busy one. */
const WORTH_A_TRY_MS = 5000;

/**
 * The answer, or the last of several when the provider was busy.
 *
 *   busy ─pause─► busy ─pause─► accepted          tried again: nothing was created before
 *   unconfirmed                                   never tried again: it may have been created
 */
export async function createOnce(
  provider: Provider,
  body: unknown,
  callbackUrl: string,
  { now, pause, deadline }: CreateParts,
): Promise<Created> {
  const left = () => deadline - now();
  const pauses = PAUSES_MS.values();
  // The input images may have taken it all.
  if (left() < WORTH_A_TRY_MS) return { kind: 'busy', why: 'no time left for a create' };
  while (true) {
    const created = await provider.create(body, callbackUrl, {
      timeoutMs: Math.min(CREATE_TIMEOUT_MS, left()),
    });
    const next = pauses.next().value;
    if (created.kind !== 'busy' || next === undefined) return created;
    const wait = Math.max(next, (created.retryAfterSeconds ?? 0) * 1000);
    if (left() - wait < WORTH_A_TRY_MS) return created;
    await pause(wait);
  }
}
