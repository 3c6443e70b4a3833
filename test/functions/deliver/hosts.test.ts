/** One receiver holds up no other: a bound per host, and no further attempt where one was slow a moment ago. */
import { expect, test } from 'vitest';
import { hostLimits, rememberedHosts, slowHosts } from '../../../functions/deliver/hosts.ts';
import type { Attempted } from '../../../shared/webhooks/post.ts';

const delivered: Attempted = { verdict: 'delivered', status: 200, durationMs: 1 };
const slowly: Attempted = { verdict: 'delivered', status: 200, durationMs: 2001 };
const timedOut: Attempted = { verdict: 'retry', error: 'timeout', durationMs: 10_000 };

test('five at a time at one host, and as many at every other', async () => {
  const atHost = hostLimits(slowHosts());
  const underWay: Record<string, number> = { slow: 0, other: 0 };
  const release = Promise.withResolvers<void>();
  const hold = (host: string) =>
    atHost(host, async () => {
      underWay[host]! += 1;
      await release.promise;
      return delivered;
    });

  const attempts = [
    ...Array.from({ length: 10 }, () => hold('slow')),
    ...Array.from({ length: 3 }, () => hold('other')),
  ];
  await new Promise((resolve) => setImmediate(resolve));
  const atOnce = { ...underWay };
  release.resolve();

  expect(atOnce).toEqual({ slow: 5, other: 3 });
  expect(await Promise.all(attempts)).toEqual(Array.from({ length: 13 }, () => delivered));
  expect(underWay).toEqual({ slow: 10, other: 3 });
});

test.each([timedOut, slowly])(
  'after $durationMs ms the rest of the batch is put off at that host only',
  async (slow) => {
    const atHost = hostLimits(slowHosts());
    const attempts = Array.from({ length: 8 }, () => atHost('slow', async () => slow));

    const results = await Promise.all(attempts);

    expect(results.slice(0, 5)).toEqual(Array.from({ length: 5 }, () => slow));
    expect(results.slice(5)).toEqual([undefined, undefined, undefined]);
    expect(await atHost('other', async () => delivered)).toBe(delivered);
  },
);

test('a host is remembered for a minute, also by the next batch', async () => {
  let now = 0;
  const remembered = rememberedHosts(() => now);
  await hostLimits(remembered)('slow', async () => timedOut);

  const soon = await hostLimits(remembered)('slow', async () => delivered);
  now = 60_001;
  const later = await hostLimits(remembered)('slow', async () => delivered);

  expect([soon, later]).toEqual([undefined, delivered]);
});
