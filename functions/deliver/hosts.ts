/**
 * Keeps one receiver from holding up the others: a few attempts per host at a time, and none at a host that has just
 * let one time out. What is not attempted is put off.
 */
import pLimit, { type LimitFunction } from 'p-limit';
import type { Attempted } from '../../shared/webhooks/post.ts';

/** Half of a batch: if all are for one host, two rounds of 10 s fit the function's time-out. */
const PER_HOST = 5;
const REMEMBERED_MS = 60_000;
const MOST_REMEMBERED = 1000;

/** @returns nothing when it was not attempted */
export type AtHost = (host: string, attempt: () => Promise<Attempted>) => Promise<Attempted | undefined>;

/** Hosts that let an attempt time out a short while ago. */
export interface HangingHosts {
  add(host: string): void;
  has(host: string): boolean;
}

/** Forgets nothing; for one batch. */
export const hangingHosts = (): HangingHosts => new Set<string>();

/** Forgets a host after a minute; for as long as a function lives. */
export function rememberedHosts(now: () => number): HangingHosts {
  const until = new Map<string, number>();
  return {
    add(host) {
      if (until.size >= MOST_REMEMBERED) until.clear();
      until.set(host, now() + REMEMBERED_MS);
    },
    has: (host) => now() < (until.get(host) ?? 0),
  };
}

/** For one batch. @param hanging hosts that are left alone; those that time out are added */
export function hostLimits(hanging: HangingHosts): AtHost {
  const limits = new Map<string, LimitFunction>();
  return (host, attempt) => {
    const limit = limits.get(host) ?? pLimit(PER_HOST);
    limits.set(host, limit);
    return limit(async () => {
      if (hanging.has(host)) return undefined;
      const attempted = await attempt();
      if (attempted.error === 'timeout') hanging.add(host);
      return attempted;
    });
  };
}
