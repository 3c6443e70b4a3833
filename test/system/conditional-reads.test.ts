/** Reading again what has not changed: 304 without a body, until it has changed. */
import { expect, test } from 'vitest';
import { newKey } from '../../infra/operations/api-keys.ts';
import type { PublicTask } from '../../shared/task/public-task.ts';
import { startSystem, textToImage } from './system.ts';

const system = await startSystem();

interface Page {
  readonly data: readonly PublicTask[];
  readonly next_cursor: string | null;
}

/** As a client with a memory would ask; nothing is parsed, so that an empty body shows as one. */
async function read(path: string, ifNoneMatch?: string, key = system.deployment.apiKey) {
  const headers = {
    authorization: `Bearer ${key}`,
    ...(ifNoneMatch !== undefined && { 'if-none-match': ifNoneMatch }),
  };
  const response = await fetch(`${system.cloud.apiUrl}${path}`, { headers });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

const tagOf = ({ headers }: { headers: Headers }) => headers.get('etag') ?? '';

test('a task: known while it stays as it is, new when it has ended', async () => {
  const prompt = 'conditional task';
  await system.evolink.addFault({ kind: 'hold' }, { prompt });
  const { body } = await system.submit(textToImage(prompt));
  const path = `/v1/tasks/${body.id}`;

  const open = await read(path);
  const known = await read(path, tagOf(open));
  const held = (await system.evolink.tasks()).find(({ callbackUrl }) => callbackUrl?.includes(body.id));
  await system.evolink.complete(held!.id);
  await system.ended(body.id);
  const ended = await read(path, tagOf(open));

  expect(open.status).toBe(200);
  expect(tagOf(open)).toMatch(/^W\/".+"$/);
  expect(open.headers.get('cache-control')).toBe('private, no-cache');
  expect(known).toMatchObject({ status: 304, text: '' });
  expect(tagOf(known)).toBe(tagOf(open));
  expect(ended.status).toBe(200);
  expect(JSON.parse(ended.text)).toMatchObject({ status: 'completed', images: { length: 1 } });
  expect(await read(path, `"x", ${tagOf(ended)}`)).toMatchObject({ status: 304, text: '' });
});

test('a list: known until a task joins it, each page and each filter by itself', async () => {
  const { body: first } = await system.submit(textToImage('first of the list', { metadata: { list: 'a' } }));
  await system.ended(first.id);
  const path = '/v1/tasks?metadata[list]=a';

  const one = await read(path);
  const known = await read(path, tagOf(one));
  const { body: second } = await system.submit(
    textToImage('second of the list', { metadata: { list: 'a' } }),
  );
  await system.ended(second.id);
  const two = await read(path, tagOf(one));
  const { next_cursor } = JSON.parse((await read(`${path}&limit=1`)).text) as Page;
  const older = `${path}&limit=1&cursor=${next_cursor}`;

  const idsOf = ({ text }: { text: string }) => (JSON.parse(text) as Page).data.map(({ id }) => id);
  expect(idsOf(one)).toEqual([first.id]);
  expect(known).toMatchObject({ status: 304, text: '' });
  expect(two.status).toBe(200);
  expect(idsOf(two)).toEqual([second.id, first.id]);
  expect(idsOf(await read(older, tagOf(two)))).toEqual([first.id]);
  expect(await read(older, tagOf(await read(older)))).toMatchObject({ status: 304, text: '' });
});

test('a tag is no key: without one it is refused as ever', async () => {
  const { body } = await system.submit(textToImage('tag without key'));
  const path = `/v1/tasks/${body.id}`;

  expect((await read(path, '*', newKey())).status).toBe(401);
  expect((await read(`/v1/tasks/${body.id.slice(0, -1)}`, '*')).status).toBe(404);
  expect((await read('/v1/tasks?limit=0', '*')).status).toBe(400);
});
