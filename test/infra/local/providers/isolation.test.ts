/** Accounts share a stand-in without seeing each other. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type StandInProviders, startStandInProviders } from '../../../../infra/local/providers/index.ts';
import { StandInClient } from '../../../support/stand-in-client.ts';
import { call, newKey } from './testing.ts';

let standIns: StandInProviders;
const text = { model: 'wan2.5-text-to-image', prompt: 'a fox' };

beforeAll(async () => {
  standIns = await startStandInProviders({ delayMs: 10, pictures: 'plain' });
});
afterAll(() => standIns.close());

test('faults, tasks, counters and reads belong to one account', async () => {
  const [mine, yours] = [newKey(), newKey()];
  const [me, you] = [mine, yours].map((key) => new StandInClient(standIns.urls.evolink, key));
  await me?.addFault({ kind: 'refuse', status: 503 });

  const refused = await call(`${standIns.urls.evolink}/v1/images/generations`, mine, text);
  const created = await call(`${standIns.urls.evolink}/v1/images/generations`, yours, text);
  const foreign = await call(`${standIns.urls.evolink}/v1/tasks/${created.body.id}`, mine);

  expect([refused.status, created.status, foreign.status]).toEqual([503, 200, 404]);
  expect(await me?.tasks()).toEqual([]);
  expect(await you?.tasks()).toHaveLength(1);
  expect((await me?.calls())?.requests.map(({ method, status }) => [method, status])).toEqual([
    ['POST', 503],
    ['GET', 404],
  ]);
  expect((await you?.calls())?.requests).toHaveLength(1);
});

test('requests are kept as they were received, without the key', async () => {
  const key = newKey();
  const control = new StandInClient(standIns.urls.evolink, key);

  await call(`${standIns.urls.evolink}/v1/images/generations`, key, text);
  const before = (await control.calls()).requests;
  await control.clearCalls();

  expect(before[0]).toMatchObject({
    method: 'POST',
    path: '/v1/images/generations',
    body: text,
    status: 200,
  });
  expect(JSON.stringify(before[0]?.headers)).not.toContain(key);
  expect((await control.calls()).requests).toEqual([]);
});

test('the two providers share nothing', async () => {
  const key = newKey();

  await call(`${standIns.urls.evolink}/v1/images/generations`, key, text);

  expect((await new StandInClient(standIns.urls.vtrix, key).calls()).requests).toEqual([]);
});
