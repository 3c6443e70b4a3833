/** What a provider says, distorted: in the answer to a create, to a read, and in a callback. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type StandInProviders, startStandInProviders } from '../../../../infra/local/providers/index.ts';
import { eventually } from '../../../support/eventually.ts';
import { type FaultInput, StandInClient } from '../../../support/stand-in-client.ts';
import { call, newKey, openReceiver, type Receiver } from './testing.ts';

let standIns: StandInProviders;
let receiver: Receiver;
let key: string;
let evolink: StandInClient;
let vtrix: StandInClient;

beforeAll(async () => {
  standIns = await startStandInProviders({ delayMs: 10, allowLoopbackCallbacks: true, pictures: 'plain' });
  receiver = await openReceiver();
});
afterAll(async () => {
  await standIns.close();
  await receiver.close();
});
beforeEach(() => {
  key = `${newKey()}/+`;
  evolink = new StandInClient(standIns.urls.evolink, key);
  vtrix = new StandInClient(standIns.urls.vtrix, key);
  receiver.posts.length = 0;
});

const create = (more: object = {}) =>
  call(`${standIns.urls.evolink}/v1/images/generations`, key, {
    model: 'wan2.5-text-to-image',
    prompt: 'a fox',
    callback_url: `${receiver.url}/callback`,
    ...more,
  });
const read = (id: string) => call(`${standIns.urls.evolink}/v1/tasks/${id}`, key);
const ended = (client: StandInClient) =>
  eventually(async () => (await client.tasks()).find(({ completedAt }) => completedAt !== null));

/** A task under the faults, once its callback has come: its id and everything that was said about it. */
async function saidUnder(...faults: FaultInput[]) {
  for (const fault of faults) await evolink.addFault(fault);
  const { body: created } = await create();
  const post = await eventually(() => receiver.posts[0]);
  const [task] = await evolink.tasks();
  const id = task?.id ?? '';
  return { id, created, callback: post.body, callbackRaw: post.raw, read: (await read(id)).body };
}

describe('fields', () => {
  test('set in all three answers, with the id where the placeholder stands', async () => {
    const set = { id: 'job-77', task_id: '{id}', other: ['{ID}', { deep: 'x{id}x' }] };

    const { id, created, read, callback } = await saidUnder({ kind: 'answer-fields', set });

    for (const said of [created, read, callback]) {
      expect(said).toMatchObject({
        id: 'job-77',
        task_id: id,
        other: [id.toUpperCase(), { deep: `x${id}x` }],
      });
    }
  });

  test('left out, and only where it is ordered', async () => {
    const { created, read, callback } = await saidUnder({
      kind: 'answer-fields',
      on: ['callback'],
      without: ['results'],
    });

    expect(callback).not.toHaveProperty('results');
    expect(created).toHaveProperty('task_info');
    expect(read).toHaveProperty('results');
  });

  test('absurd numbers arrive as they were ordered', async () => {
    const { created } = await saidUnder({
      kind: 'answer-fields',
      on: ['create'],
      set: { task_info: { can_cancel: true, estimated_time: 1e300 } },
    });

    expect(created.task_info).toEqual({ can_cancel: true, estimated_time: 1e300 });
  });

  test('usage of 220 kB with a field that is called __proto__', async () => {
    const usage = JSON.parse(`{"__proto__":{"polluted":true},"note":"${'x'.repeat(220_000)}"}`);

    const { callback, callbackRaw } = await saidUnder({
      kind: 'answer-fields',
      on: ['callback'],
      set: { usage },
    });

    expect(callbackRaw.toString()).toContain('"__proto__":{"polluted":true}');
    expect(Object.keys(callback.usage as object)).toEqual(['__proto__', 'note']);
    expect(callbackRaw.length).toBeGreaterThan(220_000);
  });
});

test('characters that SQS refuses travel as they are, or escaped', async () => {
  const message = 'a\uFFFEb\u0001c狐';
  const plain = await saidUnder({ kind: 'fail', message });
  await evolink.clearFaults();
  receiver.posts.length = 0;
  key = newKey();
  evolink = new StandInClient(standIns.urls.evolink, key);
  const escaped = await saidUnder({ kind: 'fail', message }, { kind: 'answer-escaped' });

  for (const { callback, read } of [plain, escaped]) {
    expect(callback).toMatchObject({ error: { message } });
    expect(read).toMatchObject({ error: { message } });
  }
  expect(plain.callbackRaw.toString()).toContain('a\uFFFEb\\u0001c狐');
  expect(escaped.callbackRaw.toString()).toContain('a\\ufffeb\\u0001c\\u72d0');
});

test('100 kB that are not UTF-8, in an answer that is JSON otherwise', async () => {
  const { id, callback, callbackRaw, read } = await saidUnder({
    kind: 'answer-invalid-utf8',
    on: ['read', 'callback'],
    bytes: 100_000,
  });

  expect(callbackRaw.filter((byte) => byte === 0xff)).toHaveLength(100_000);
  for (const said of [callback, read]) {
    expect(said).toMatchObject({ id, status: 'completed', note: '\uFFFD'.repeat(100_000) });
  }
});

describe('results', () => {
  test('700 of them, each with a link that works', async () => {
    const { callback } = await saidUnder({ kind: 'more-images', by: 699 });

    const links = callback.results as string[];
    const last = await fetch(links[699] ?? '');
    expect(links).toHaveLength(700);
    expect([last.status, last.headers.get('content-type')]).toEqual([200, 'image/png']);
  });

  test('junk among them', async () => {
    const { callback } = await saidUnder({ kind: 'junk-results', count: 4500, entry: 'x' });

    const results = callback.results as string[];
    expect(results).toHaveLength(4501);
    expect(results.slice(1).every((entry) => entry === 'x')).toBe(true);
  });

  test('junk in the output of Vtrix', async () => {
    await vtrix.addFault({ kind: 'junk-results', count: 2, entry: { type: 'image', url: 7 } });
    await vtrix.addFault({ kind: 'completed-at-once' });

    const { body } = await createAtVtrix();

    expect((body.output as unknown[]).at(-1)).toEqual({
      content: [
        { type: 'image', url: 7 },
        { type: 'image', url: 7 },
      ],
    });
  });
});

const createAtVtrix = () =>
  call(`${standIns.urls.vtrix}/model/v1/generation`, key, {
    model: 'wan25_t2i_preview',
    input: { prompt: 'a fox' },
    parameters: { n: 1 },
  });

test('Vtrix may fail at once, in the answer to the create', async () => {
  await vtrix.addFault({ kind: 'completed-at-once' });
  await vtrix.addFault({ kind: 'fail', code: '001021095', message: 'No.' });

  const { status, body } = await createAtVtrix();

  expect(status).toBe(200);
  expect(body).toMatchObject({
    id: expect.any(String),
    status: 'failed',
    error: { code: '001021095', message: 'No.' },
  });
  expect((await ended(vtrix))?.status).toBe('failed');
});

describe('a provider that quotes our key', () => {
  test('in a refusal, as it is and as in a URL', async () => {
    await evolink.addFault({ kind: 'refuse', status: 400, message: 'Bearer {key} or ?key={key:url}' });

    const { body } = await create();

    expect(body.error).toMatchObject({ message: `Bearer ${key} or ?key=${encodeURIComponent(key)}` });
  });

  test('in a refusal, with every slash escaped', async () => {
    await evolink.addFault({ kind: 'refuse', status: 402, message: 'No credit for {key}.', escaped: true });

    const response = await fetch(`${standIns.urls.evolink}/v1/images/generations`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'wan2.5-text-to-image', prompt: 'a fox' }),
    });
    const text = await response.text();

    expect(text).toContain(key.replaceAll('/', '\\/'));
    expect(JSON.parse(text)).toMatchObject({ error: { message: `No credit for ${key}.` } });
  });

  test('in a task error, in the callback and in the read', async () => {
    const { callback, read } = await saidUnder({ kind: 'fail', message: 'Key {key} is used up.' });

    for (const said of [callback, read]) {
      expect(said).toMatchObject({ error: { message: `Key ${key} is used up.` } });
    }
  });
});
