/**
 * One owner's burst, and another owner's one task behind it: with a limit on images at once no more of the burst is ever
 * ahead in the queues than the limit. How long the other waits is printed, and no test's matter on a busy machine.
 */
import { expect, test } from 'vitest';
import { output } from '../../infra/local/deploy.ts';
import { newKey } from '../../infra/operations/api-keys.ts';
import { createKey } from '../../infra/operations/keys/create-key.ts';
import type { KeyLimits } from '../../shared/security/api-keys.ts';
import { eventually } from '../support/eventually.ts';
import { startSystem, textToImage } from './system.ts';

const system = await startSystem();
const BURST = 60;
const AT_ONCE = 6;

/** @returns what the requests of a new owner carry */
async function ownerWith(owner: string, limits: KeyLimits): Promise<{ authorization: string }> {
  const tables = {
    dynamodb: system.dynamodb,
    keysTable: output(system.cloud, 'KeysTable'),
    usageTable: output(system.cloud, 'UsageTable'),
  };
  const key = newKey();
  await createKey(tables, { owner, key, created: 0, limits });
  return { authorization: `Bearer ${key}` };
}

const providerTaskOf = async (id: string): Promise<string> => (await system.record(id))!.provider_task_id!;
const hasEnded = (id: string): boolean => system.eventsOf(id).includes(`${id}:completed`);

/** All tasks of the burst end at once at the provider, and right after them the other's. */
async function burst(name: string, limits: KeyLimits) {
  const noisy = await ownerWith(`noisy-${name}`, limits);
  const quiet = await ownerWith(`quiet-${name}`, {});
  const answers = await Promise.all(
    Array.from({ length: BURST }, (_, nth) => system.submit(textToImage(`${name} ${nth}`), noisy)),
  );
  const taken = answers.filter(({ status }) => status === 200).map(({ body }) => body.id);
  const other = (await system.submit(textToImage(`${name} behind`), quiet)).body.id;

  const held = await Promise.all(taken.map(providerTaskOf));
  const last = await providerTaskOf(other);
  await Promise.all(held.map((task) => system.evolink.complete(task)));
  const ahead = taken.filter((id) => !hasEnded(id)).length;
  const sent = Date.now();
  await system.evolink.complete(last);
  await eventually(() => hasEnded(other) || undefined, 'the task behind the burst');
  console.log(`${name}: ${ahead} of ${taken.length} ahead, the other waited ${Date.now() - sent} ms`);
  await eventually(() => taken.every(hasEnded) || undefined, 'the burst');
  return { refused: answers.filter(({ status }) => status !== 200), taken, ahead };
}

test('a limit on images at once is how much of a burst is ahead of others, and the rest is told to come back', async () => {
  await system.evolink.addFault({ kind: 'hold' });

  const without = await burst('without-a-limit', {});
  const limited = await burst('with-a-limit', { images_at_once: AT_ONCE });

  expect(without.taken).toHaveLength(BURST);
  expect(limited.taken).toHaveLength(AT_ONCE);
  expect(limited.ahead).toBeLessThanOrEqual(AT_ONCE);
  expect(limited.refused).toHaveLength(BURST - AT_ONCE);
  for (const { status, headers, body } of limited.refused) {
    expect(status).toBe(429);
    expect(headers.get('retry-after')).toBe('10');
    expect(body).toMatchObject({ error: { code: 'rate_limit_exceeded' } });
  }
});
