/** EvoLink over HTTP: the way of a task, its bodies, its errors, its memory. */
import { imageSize } from 'image-size';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type StandInProviders, startStandInProviders } from '../../../../../infra/local/providers/index.ts';
import { eventually } from '../../../../support/eventually.ts';
import { StandInClient } from '../../../../support/stand-in-client.ts';
import { call, newKey } from '../testing.ts';

let now = Date.now();
let standIns: StandInProviders;
const text = { model: 'wan2.5-text-to-image', prompt: 'a fox 狐狸' };

beforeAll(async () => {
  standIns = await startStandInProviders({ delayMs: 20, clock: () => now });
});
afterAll(() => standIns.close());

async function completed(key: string, body: object = text): Promise<Record<string, unknown>> {
  const created = await call(`${standIns.urls.evolink}/v1/images/generations`, key, body);
  return eventually(async () => {
    now += 10;
    const { body: task } = await call(`${standIns.urls.evolink}/v1/tasks/${created.body.id}`, key);
    return task.status === 'pending' || task.status === 'processing' ? undefined : task;
  });
}

test('the create answers as documented', async () => {
  const { status, body } = await call(`${standIns.urls.evolink}/v1/images/generations`, newKey(), {
    ...text,
    n: 2,
  });

  expect(status).toBe(200);
  expect(body).toEqual({
    created: Math.floor(now / 1000),
    id: expect.stringMatching(/^task-unified-\d{10}-[0-9a-z]{8}$/),
    model: 'wan2.5-text-to-image',
    object: 'image.generation.task',
    progress: 0,
    status: 'pending',
    task_info: { can_cancel: true, estimated_time: 30 },
    type: 'image',
    usage: { billing_rule: 'per_call', credits_reserved: 2.4, user_group: 'default' },
  });
});

test('a task goes from pending over processing to completed, with growing progress', async () => {
  const key = newKey();
  const control = new StandInClient(standIns.urls.evolink, key);
  await control.addFault({ kind: 'hold' });
  const created = await call(`${standIns.urls.evolink}/v1/images/generations`, key, text);
  const read = () => call(`${standIns.urls.evolink}/v1/tasks/${created.body.id}`, key);

  const running = await eventually(async () => {
    const seen = await read();
    return seen.body.status === 'processing' ? seen : undefined;
  });
  await control.complete(String(created.body.id));
  const last = await eventually(async () => {
    const seen = await read();
    return seen.body.status === 'completed' ? seen : undefined;
  });

  expect(created.body).toMatchObject({ status: 'pending', progress: 0 });
  expect(running.body.progress).toBeLessThan(100);
  expect(last.body).toMatchObject({ progress: 100, task_info: { can_cancel: false } });
});

test('n pictures of the ordered size, all different, the same at every fetch', async () => {
  const task = await completed(newKey(), { ...text, n: 4, size: '960x1280' });
  const links = task.results as string[];

  const fetched = await Promise.all([...links, ...links].map(async (link) => fetch(link)));
  const pictures = await Promise.all(
    fetched.map(async (response) => Buffer.from(await response.arrayBuffer())),
  );

  expect(links).toHaveLength(4);
  expect(fetched[0]?.headers.get('content-type')).toBe('image/png');
  expect(fetched[0]?.headers.get('content-length')).toBe(String(pictures[0]?.length));
  for (const picture of pictures) {
    expect(imageSize(picture)).toMatchObject({ width: 960, height: 1280, type: 'png' });
  }
  expect(new Set(pictures.map((picture) => picture.toString('base64'))).size).toBe(4);
});

test('a failed task looks like the documented sample', async () => {
  const key = newKey();
  await new StandInClient(standIns.urls.evolink, key).addFault({ kind: 'fail', message: 'No.' });

  const task = await completed(key);

  expect(task).toEqual({
    id: expect.any(String),
    model: 'wan2.5-text-to-image',
    object: 'image.generation.task',
    progress: 0,
    status: 'failed',
    error: { code: 'content_policy_violation', message: 'No.', type: 'task_error' },
  });
});

test('links die after 24 hours, and a forged expiry does not help', async () => {
  const task = await completed(newKey());
  const link = String((task.results as string[])[0]);
  const expires = Number(new URL(link).searchParams.get('expires'));
  const forged = link.replace(String(expires), String(expires + 1));

  const before = await fetch(link);
  const withForged = await fetch(forged);
  now = expires * 1000;
  const after = await fetch(link);

  expect([before.status, withForged.status, after.status]).toEqual([200, 403, 403]);
});

test('a task is forgotten after 24 hours', async () => {
  const key = newKey();
  const task = await completed(key);
  now += 24 * 60 * 60 * 1000;

  const { status, body } = await call(`${standIns.urls.evolink}/v1/tasks/${task.id}`, key);

  expect(status).toBe(404);
  expect(body).toMatchObject({ error: { code: 'task_not_found', type: 'not_found_error' } });
});

test('the same request twice is two tasks: there is no idempotency at the provider', async () => {
  const key = newKey();

  const first = await call(`${standIns.urls.evolink}/v1/images/generations`, key, text);
  const second = await call(`${standIns.urls.evolink}/v1/images/generations`, key, text);

  expect(second.body.id).not.toBe(first.body.id);
});

test.each([
  ['no key', '', 401, 'unauthorized'],
  ['a key that is invalid', 'invalid-key', 401, 'unauthorized'],
])('%s is refused', async (_, key, status, code) => {
  const answer = await call(`${standIns.urls.evolink}/v1/images/generations`, key, text);

  expect(answer).toMatchObject({ status, body: { error: { code, type: 'authentication_error' } } });
});

test.each([
  ['broken JSON', '{"model":', 400, 'invalid_request'],
  ['an empty body', '', 400, 'invalid_request'],
  [
    'a body over 4 MB',
    JSON.stringify({ ...text, prompt: 'a'.repeat(4 * 1024 * 1024) }),
    413,
    'request_too_large',
  ],
])('%s is refused', async (_, body, status, code) => {
  const answer = await call(`${standIns.urls.evolink}/v1/images/generations`, newKey(), body);

  expect(answer).toMatchObject({ status, body: { error: { code } } });
});

test('a body that does not call itself JSON is refused', async () => {
  const response = await fetch(`${standIns.urls.evolink}/v1/images/generations`, {
    method: 'POST',
    headers: { authorization: `Bearer ${newKey()}`, 'content-type': 'text/plain' },
    body: JSON.stringify(text),
  });

  expect(response.status).toBe(400);
});

test.each([
  ['nonsense', 400, 'invalid_task_id'],
  ['task-unified-1757156493-imcg5zqt', 404, 'task_not_found'],
])('a read of %s answers %i', async (id, status, code) => {
  const answer = await call(`${standIns.urls.evolink}/v1/tasks/${id}`, newKey());

  expect(answer).toMatchObject({ status, body: { error: { code } } });
});
