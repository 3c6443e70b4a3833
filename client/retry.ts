/**
 * Which failures are tried again, and when.
 *
 *   no answer, 408, 500, 502, 503, 504    again, where a repetition does no harm
 *   429                                   again always: the gateway let nothing through
 *   anything else                         never
 */
import { ConnectionError, type WanhookError } from './errors.ts';

/** `harmless`: done twice it is as if done once. `only_unheard`: again only when it certainly was not done. */
export type Repetition = 'harmless' | 'only_unheard';

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 8000;
/** Who asks for more is told to the caller, who has better things to do than wait here. */
const LONGEST_RETRY_AFTER_SECONDS = 60;

const passing = new Set([408, 500, 502, 503, 504]);

/**
 * Milliseconds until the next try, or undefined when there is to be none.
 * @param tries so far, from 1 on
 * @param random from 0 to 1: clients that failed together come back one by one
 */
export function pauseBefore(
  error: WanhookError,
  repetition: Repetition,
  tries: number,
  { maxRetries, random }: { readonly maxRetries: number; readonly random: () => number },
): number | undefined {
  const { retryAfterSeconds = 0 } = error;
  if (tries > maxRetries || !mayRepeat(error, repetition)) return undefined;
  if (retryAfterSeconds > LONGEST_RETRY_AFTER_SECONDS) return undefined;
  const pause = Math.min(FIRST_PAUSE_MS * 2 ** (tries - 1), LONGEST_PAUSE_MS);
  return retryAfterSeconds * 1000 + pause * (0.5 + random() / 2);
}

function mayRepeat(error: WanhookError, repetition: Repetition): boolean {
  if (error.status === 429) return true;
  if (repetition === 'only_unheard') return false;
  return error instanceof ConnectionError || passing.has(error.status ?? 0);
}

/**
 * The header Retry-After: seconds, or the date until which to wait (RFC 9110, 10.2.3).
 * @param now milliseconds since 1970
 */
export function retryAfterSeconds(header: string | null, now: number): number | undefined {
  if (header === null) return undefined;
  if (/^\d{1,9}$/.test(header)) return Number(header);
  const until = /^[A-Z][a-z]{2}, /.test(header) ? Date.parse(header) : Number.NaN;
  return Number.isNaN(until) ? undefined : Math.max(0, Math.ceil((until - now) / 1000));
}
