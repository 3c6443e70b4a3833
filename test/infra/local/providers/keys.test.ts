/** API keys that are rotated: further keys for an account, and keys that are no longer taken. */
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

const create = (key: string) => call(`${standIns.urls.evolink}/v1/images/generations`, key, text);
const read = (key: string, id: unknown) => call(`${standIns.urls.evolink}/v1/tasks/${id}`, key);

test('a further key is the same account: it reads the tasks of the first', async () => {
  const [first, second] = [newKey(), newKey()];
  const { body } = await create(first);

  const before = await read(second, body.id);
  await new StandInClient(standIns.urls.evolink, first).addKey(second);
  const after = await read(second, body.id);

  expect([before.status, after.status]).toEqual([404, 200]);
});

test.each([
  [401, 'unauthorized', 'authentication_error'],
  [403, 'model_access_denied', 'permission_error'],
] as const)('a revoked key is refused with %i, and nothing is created', async (status, code, type) => {
  const [first, second] = [newKey(), newKey()];
  const account = new StandInClient(standIns.urls.evolink, first);
  await account.addKey(second);
  await account.revokeKey(first, status);

  const refused = await create(first);
  const accepted = await create(second);

  expect(refused).toMatchObject({ status, body: { error: { code, type } } });
  expect(accepted.status).toBe(200);
  expect((await account.tasks()).map(({ id }) => id)).toEqual([accepted.body.id]);
  expect((await account.calls()).requests.map((request) => request.status)).toEqual([status, 200]);
});

test('reads are refused as well', async () => {
  const key = newKey();
  const account = new StandInClient(standIns.urls.evolink, key);
  const { body } = await create(key);

  await account.revokeKey(key);

  expect((await read(key, body.id)).status).toBe(401);
});
