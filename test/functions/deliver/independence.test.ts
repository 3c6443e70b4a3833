/** Receivers do not wait for each other: many of them in virtual time. A seed repeats a run: SEED=… */
import { expect, test } from 'vitest';
import type { Attempted } from '../../../shared/webhooks/post.ts';
import { randomFrom } from '../../support/random.ts';
import { type Arrival, Fleet } from './fleet.ts';

const seed = Number(process.env.SEED ?? Date.now() % 1_000_000);
const SECOND = 1000;
const hosts = (kind: string, count: number) =>
  Array.from({ length: count }, (_, nth) => `${kind}${nth}.example.com`);

const dead: Attempted[] = [
  { verdict: 'retry', error: 'timeout', durationMs: 10_000 },
  { verdict: 'retry', error: 'connection_refused', durationMs: 5 },
  { verdict: 'retry', error: 'unexpected_status', status: 500, durationMs: 300 },
];

/** Healthy receivers answer within half a second; slow ones take nine; dead ones hang, refuse or fail. */
function receivers(random: () => number) {
  return (host: string): Attempted => {
    if (host.startsWith('slow')) return { verdict: 'delivered', status: 200, durationMs: 9000 };
    if (host.startsWith('dead')) return dead[Number(/\d+/.exec(host)![0]) % dead.length]!;
    return { verdict: 'delivered', status: 200, durationMs: 50 + Math.floor(random() * 450) };
  };
}

const delaysTo = (kind: string, arrivals: readonly Arrival[]) =>
  arrivals
    .filter(({ host }) => host.startsWith(kind))
    .map(({ afterMs }) => afterMs)
    .sort((a, b) => a - b);

const percentile = (sorted: readonly number[], of: number) =>
  sorted[Math.ceil((sorted.length * of) / 100) - 1]!;

test(`100 healthy receivers are not held up by 100 dead ones that are retried (seed ${seed})`, async () => {
  const random = randomFrom(seed);
  const fleet = new Fleet(receivers(random), random);
  for (const host of hosts('dead', 100)) {
    for (let task = 0; task < 10; task++) fleet.endAt(random() * 5 * SECOND, host);
  }
  await fleet.time.pass(20 * SECOND);
  for (const host of hosts('healthy', 100)) {
    for (let task = 0; task < 20; task++) fleet.endAt(random() * 180 * SECOND, host);
  }
  const before = fleet.arrivals.length;

  await fleet.time.pass(190 * SECOND);

  const delays = delaysTo('healthy', fleet.arrivals);
  const retriesMeanwhile = fleet.arrivals.slice(before).filter(({ host }) => host.startsWith('dead')).length;
  const dead = hosts('dead', 100).flatMap((host) => fleet.statesAt(host));
  expect(delays).toHaveLength(2000);
  expect(percentile(delays, 95)).toBeLessThan(SECOND);
  // Of those that come after the first round of hanging ones not a single one waits.
  expect(delays.at(-1)).toBeLessThan(SECOND);
  expect(retriesMeanwhile).toBeGreaterThan(2000);
  expect(new Set(dead.map(({ status }) => status))).toEqual(new Set(['pending']));
  expect(hosts('healthy', 100).flatMap((host) => fleet.statesAt(host))).toEqual(
    Array.from({ length: 2000 }, () => expect.objectContaining({ status: 'delivered', attempts: 1 })),
  );
});

test(`2000 webhooks for one slow receiver hold up the others once, by one attempt (seed ${seed})`, async () => {
  const random = randomFrom(seed);
  const fleet = new Fleet(receivers(random), random);
  for (let task = 0; task < 2000; task++) fleet.endAt(0, 'slow.example.com');
  for (const host of hosts('healthy', 100)) fleet.endAt(1 * SECOND, host);
  for (const host of hosts('healthy', 100)) fleet.endAt(12 * SECOND + random() * 40 * SECOND, host);

  await fleet.time.pass(3600 * SECOND);

  const delays = delaysTo('healthy', fleet.arrivals);
  expect(delays).toHaveLength(200);
  expect(delays.at(-1)).toBeLessThan(10 * SECOND);
  expect(percentile(delays, 50)).toBeLessThan(SECOND);
  expect(new Set(fleet.statesAt('slow.example.com').map(({ status }) => status))).toEqual(
    new Set(['delivered']),
  );
  expect(fleet.arrivals.filter(({ host }) => host === 'slow.example.com')).toHaveLength(2000);
});
