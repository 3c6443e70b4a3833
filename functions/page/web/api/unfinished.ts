/** Requests of which it is not known what became of them: what a reload sends again, and what is sent only once. */

export interface Request {
  /** The Idempotency-Key. */
  readonly key: string;
  /** JSON; it holds the key as well, in its metadata. */
  readonly body: string;
  /** When Generate was pressed; milliseconds since 1970. */
  readonly at: number;
}

/** Later nobody expects the picture any more. */
const RESUMED_MS = 10 * 60_000;
/** Files make a request too large for what a tab may keep. */
const LARGEST_KEPT = 200_000;

export const keepable = <R extends Request>(requests: readonly R[]): R[] =>
  requests.filter(({ body }) => body.length <= LARGEST_KEPT);

/** What a reload interrupted, and is sent again with its own key. */
export const resumable = <R extends Request>(kept: readonly R[], now: number): R[] =>
  kept.filter(({ at }) => now - at >= 0 && now - at < RESUMED_MS);

/** A second press before the first is answered means the same picture, not two. */
export function isRepeat(request: Request, others: readonly Request[]): boolean {
  const without = ({ key, body }: Request) => body.replaceAll(key, '');
  return others.some((other) => without(other) === without(request));
}
