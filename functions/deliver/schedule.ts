/**
 * When a webhook is attempted again.
 *
 *   1, 2, 4 s (documented) ─► 5 s, 30 s, 2 min, 10 min, 30 min, then hourly ─► 24 h after the outcome: given up
 *
 * The pauses after the documented three vary by a fifth, so that what failed together does not come back together.
 */

const DOCUMENTED_PAUSES = [1, 2, 4];
const FURTHER_PAUSES = [5, 30, 120, 600, 1800, 3600];
const JITTER = 0.2;

/** A run of attempts ends so many seconds after it began. */
export const RUN_SECONDS = 86_400;

export interface FailedAttempt {
  /** Which attempt of its run it was, from 1 on. */
  readonly step: number;
  /** Seconds since 1970. */
  readonly now: number;
  /** When the run began; seconds since 1970. */
  readonly since: number;
  /** What the receiver asked for. */
  readonly retryAfterSeconds?: number | undefined;
  /** From 0 to 1. */
  readonly random: number;
}

/**
 * @returns when to try again, in seconds since 1970; nothing when the run is over. The last attempt is at its very end.
 *   A run that begins late (its messages were dead letters for days) has its documented retries all the same.
 */
export function nextAttempt(failed: FailedAttempt): number | undefined {
  const { step, now, since, retryAfterSeconds = 0, random } = failed;
  const end = since + RUN_SECONDS;
  const documented = DOCUMENTED_PAUSES[step - 1];
  if (documented === undefined && now >= end) return undefined;
  const pause = documented ?? furtherPause(step - DOCUMENTED_PAUSES.length, random);
  const wanted = now + Math.max(pause, retryAfterSeconds);
  return documented === undefined ? Math.min(wanted, end) : Math.min(wanted, Math.max(end, now + documented));
}

function furtherPause(nth: number, random: number): number {
  const pause = FURTHER_PAUSES[Math.min(nth, FURTHER_PAUSES.length) - 1]!;
  return pause * (1 - JITTER + 2 * JITTER * random);
}
