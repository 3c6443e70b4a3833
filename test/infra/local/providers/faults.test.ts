/** Faults on requests and pictures, switched on over HTTP, for one account or prompt, so many times. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type StandInProviders, startStandInProviders } from '../../../../infra/local/providers/index.ts';
import { eventually } from '../../../support/eventually.ts';
import { type FaultInput, StandInClient } from '../../../support/stand-in-client.ts';
import { call, newKey } from './testing.ts';

let standIns: StandInProviders;
let key: string;
let control: StandInClient;
const text = { model: 'wan2.5-text-to-image', prompt: 'a fox' };

beforeAll(async () => {
  standIns = await startStandInProviders({ delayMs: 10, pictures: 'plain' });
});
afterAll(() => standIns.close());
beforeEach(() => {
  key = newKey();
  control = new StandInClient(standIns.urls.evolink, key);
});

const create = (body: object = text) => call(`${standIns.urls.evolink}/v1/images/generations`, key, body);

/** Creates a task under the fault and returns its links, once it is over. */
async function links(fault: FaultInput, n = 1): Promise<string[]> {
  await control.addFault(fault);
  const { body } = await create({ ...text, n });
  return eventually(async () => {
    const task = (await control.tasks()).find(({ id }) => id === body.id);
    return task?.status === 'completed' ? task.results : undefined;
  });
}

test.each([
  [400, 'invalid_request'],
  [402, 'insufficient_quota'],
  [403, 'model_access_denied'],
  [429, 'rate_limit_exceeded'],
  [500, 'internal_error'],
  [503, 'service_unavailable_error'],
])('a create refused with %i has the documented code and makes no task', async (status, code) => {
  await control.addFault({ kind: 'refuse', status });

  const answer = await create();

  expect(answer).toMatchObject({ status, body: { error: { code, type: expect.any(String) } } });
  expect(await control.tasks()).toEqual([]);
});

test('a refusal as told: Retry-After, an integer code, a parameter', async () => {
  await control.addFault({
    kind: 'refuse',
    status: 429,
    code: 429,
    retryAfter: 7,
    param: 'n',
    message: 'Slow.',
  });

  const answer = await create();

  expect(answer.headers.get('retry-after')).toBe('7');
  expect(answer.body.error).toMatchObject({ code: 429, param: 'n', message: 'Slow.' });
});

test('a fault strikes so many times, only matching prompts, and is counted', async () => {
  await control.addFault({ kind: 'refuse', status: 429 }, { times: 2, prompt: 'fox' });

  const statuses = [];
  for (const prompt of ['a cat', 'a fox', 'a fox', 'a fox'])
    statuses.push((await create({ ...text, prompt })).status);

  expect(statuses).toEqual([200, 429, 429, 200]);
  expect(await control.faults()).toMatchObject([{ struck: 2, times: 2 }]);
});

test('faults that are cleared strike no more', async () => {
  await control.addFault({ kind: 'refuse', status: 500 });
  await control.clearFaults();

  expect((await create()).status).toBe(200);
});

test.each(['error', 'hang', 'drop', 'broken-json', 'empty'] as const)(
  'an answer lost by %s leaves a task behind',
  async (how) => {
    await control.addFault({ kind: 'lose-answer', how });

    const answer = await fetch(`${standIns.urls.evolink}/v1/images/generations`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify(text),
      signal: AbortSignal.timeout(how === 'hang' ? 200 : 20_000),
    }).then(
      async (response) => `${response.status} ${(await response.text()).length}`,
      (error: Error) => error.name,
    );

    const seen = {
      error: /^500 /,
      hang: 'TimeoutError',
      drop: 'TypeError',
      'broken-json': '200 36',
      empty: '200 0',
    };
    expect(answer).toMatch(seen[how]);
    expect(await control.tasks()).toHaveLength(1);
  },
);

test('a dropped connection leaves no task behind', async () => {
  await control.addFault({ kind: 'drop' });

  await expect(create()).rejects.toThrow('fetch failed');

  expect(await control.tasks()).toEqual([]);
});

test('a slow answer', async () => {
  await control.addFault({ kind: 'slow', ms: 150 });
  const started = performance.now();

  await create();

  expect(performance.now() - started).toBeGreaterThanOrEqual(145);
});

test('faults on reads leave creates alone', async () => {
  await control.addFault({ kind: 'refuse', on: 'read', status: 404, code: 'task_not_found' }, { times: 1 });
  const { body, status } = await create();

  const first = await call(`${standIns.urls.evolink}/v1/tasks/${body.id}`, key);
  const second = await call(`${standIns.urls.evolink}/v1/tasks/${body.id}`, key);

  expect([status, first.status, second.status]).toEqual([200, 404, 200]);
});

test('a held task waits, and is completed or failed by hand', async () => {
  await control.addFault({ kind: 'hold' });
  const ids = [(await create()).body.id, (await create()).body.id].map(String);
  const before = await eventually(async () => {
    const statuses = (await control.tasks()).map(({ status }) => status);
    return statuses.includes('pending') ? undefined : statuses;
  });

  await control.complete(ids[0] ?? '');
  await control.complete(ids[1] ?? '', { code: 'service_error', message: 'No.' });

  const after = await eventually(async () => {
    const tasks = await control.tasks();
    return tasks.every(({ completedAt }) => completedAt !== null) ? tasks : undefined;
  });
  expect(before).toEqual(['processing', 'processing']);
  expect(after.map(({ status }) => status)).toEqual(['completed', 'failed']);
  await expect(control.complete(ids[0] ?? '')).rejects.toThrow('409');
});

test('fewer images than were asked for', async () => {
  expect(await links({ kind: 'fewer-images', by: 1 }, 3)).toHaveLength(2);
});

test.each([404, 410, 403])('a picture that answers %i for good', async (status) => {
  const [link = ''] = await links({ kind: 'picture-status', status });

  const statuses = [(await fetch(link)).status, (await fetch(link)).status];

  expect(statuses).toEqual([status, status]);
});

test('a picture that answers 500 twice and then is fine, at one place of the set', async () => {
  const [first = '', second = ''] = await links(
    { kind: 'picture-status', status: 500, times: 2, index: 1 },
    2,
  );

  const statuses = [];
  for (const link of [first, second, second, second]) statuses.push((await fetch(link)).status);

  expect(statuses).toEqual([200, 500, 500, 200]);
  expect((await control.calls()).downloads.map(({ index, status }) => [index, status])).toEqual([
    [0, 200],
    [1, 500],
    [1, 500],
    [1, 200],
  ]);
});

test('a picture that hangs', async () => {
  const [link = ''] = await links({ kind: 'picture-hang' });

  await expect(fetch(link, { signal: AbortSignal.timeout(100) })).rejects.toThrow(/time/i);
});

test('redirects: to another path that delivers, and to an address that nobody may fetch', async () => {
  const [own = ''] = await links({ kind: 'picture-redirect' });
  await control.clearFaults();
  const [metadata = ''] = await links({ kind: 'picture-redirect', to: 'http://169.254.169.254/latest/' });

  const followed = await fetch(own);
  const manual = await fetch(metadata, { redirect: 'manual' });

  expect(followed).toMatchObject({ status: 200, redirected: true });
  expect(manual.headers.get('location')).toBe('http://169.254.169.254/latest/');
});

test('a picture that breaks off', async () => {
  const [link = ''] = await links({ kind: 'picture-truncated' });

  const response = await fetch(link);

  expect(response.status).toBe(200);
  await expect(response.arrayBuffer()).rejects.toThrow();
});

test('a page of HTML, a wrong type, a link elsewhere', async () => {
  const [page = ''] = await links({ kind: 'picture-html' });
  await control.clearFaults();
  const [typed = ''] = await links({ kind: 'picture-type', contentType: 'text/plain' });
  await control.clearFaults();
  const elsewhere = await links({ kind: 'picture-link', url: 'https://nowhere.example/1.png', index: 1 }, 2);

  const text = await (await fetch(page)).text();
  const type = (await fetch(typed)).headers.get('content-type');

  expect(text).toContain('<!doctype html>');
  expect(type).toBe('text/plain');
  expect(elsewhere[0]).toContain(standIns.urls.evolink);
  expect(elsewhere[1]).toBe('https://nowhere.example/1.png');
});

test('a picture of exactly so many bytes', async () => {
  const [link = ''] = await links({ kind: 'picture-bytes', bytes: 20 * 1024 * 1024 });

  const bytes = Buffer.from(await (await fetch(link)).arrayBuffer());

  expect(bytes.length).toBe(20 * 1024 * 1024);
});

test.each([
  ['an unknown kind', asFault({ kind: 'oops' })],
  ['an unknown field', asFault({ kind: 'hold', oops: 1 })],
  ['a fault that EvoLink cannot have', asFault({ kind: 'spelling' })],
])('%s is an error, not ignored', async (_, fault) => {
  await expect(control.addFault(fault)).rejects.toThrow('400');
});

function asFault(fault: object): FaultInput {
  return fault as FaultInput;
}
