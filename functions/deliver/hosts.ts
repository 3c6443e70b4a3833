/**
 * Keeps one receiver from holding up the others: a few attempts per host at a time, and none at a host that was slow a
 * moment ago. What is not attempted is put off.
 *
 *   a batch of ten for one slow host   five attempts, up to 10 s ─► the other five are put off
 *   the next batches of first attempts                              all ten are put off, for a minute
 */
import pLimit, { type LimitFunction } from 'p-limit';
import type { Attempted } from '../../shared/webhooks/post.ts';

/** Half of a batch. */
const PER_HOST = 5;
/** A receiver that takes longer, or lets an attempt time out, is slow. */
const SLOW_MS = 2000;
const REMEMBERED_MS = 60_000;
const MOST_REMEMBERED = 1000;

/** @returns nothing when it was not attempted */
export type AtHost = (host: string, attempt: () => Promise<Attempted>) => Promise<Attempted | undefined>;

/** Hosts that were slow a short while ago. */
export interface SlowHosts {
  add(host: string): void;
  has(host: string): boolean;
}

/** Forgets nothing; for one batch. */
export const slowHosts = (): SlowHosts => new Set<string>();

/** Forgets a host after a minute; for as long as a function lives. */
export function rememberedHosts(now: () => number): SlowHosts {
  const until = new Map<string, number>();
  return {
    add(host) {
      if (until.size >= MOST_REMEMBERED) until.clear();
      until.set(host, now() + REMEMBERED_MS);
    },
    has: (host) => now() < (until.get(host) ?? 0),
  };
}

/** For one batch. @param slow hosts that are left alone; those that turn out to be slow are added */
export function hostLimits(slow: SlowHosts): AtHost {
  const limits = new Map<string, LimitFunction>();
  return (host, attempt) => {
    const limit = limits.get(host) ?? pLimit(PER_HOST);
    limits.set(host, limit);
    return limit(async () => {
      if (slow.has(host)) return undefined;
      const attempted = await attempt();
      if (attempted.durationMs > SLOW_MS) slow.add(host);
      return attempted;
    });
  };
}
