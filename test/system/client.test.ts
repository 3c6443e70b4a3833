/** The client against the whole system, as another service would use it. */
import { afterAll, describe, expect, test } from 'vitest';
import {
  BusyError,
  type ImageRequest,
  type ListQuery,
  parseEvent,
  verifyWebhook,
  Wanhook,
} from '../../client/index.ts';
import type { BusEvent } from '../../infra/local/cloud/index.ts';
import { newKey } from '../../infra/operations/api-keys.ts';
import { eventually } from '../support/eventually.ts';
import { type Answer, type Seen, serve } from '../support/server.ts';
import { startSystem } from './system.ts';

const system = await startSystem();
const { apiKey } = system.deployment;
const wanhook = new Wanhook({ baseUrl: system.cloud.apiUrl, apiKey });

const heard: BusEvent[] = [];
system.cloud.onEvent((event) => heard.push(event));

const boat = (prompt: string, more: object = {}): ImageRequest => ({
  model: 'wan2.5-text-to-image',
  prompt,
  ...more,
});

const requestsFor = async (prompt: string) =>
  (await system.evolink.calls()).requests.filter(
    ({ method, body }) => method === 'POST' && (body as { prompt?: string }).prompt === prompt,
  );

test('a task is submitted, its event is read, and the same task is got', async () => {
  const submitted = await wanhook.submit(boat('by the client', { n: 2, metadata: { order: '42' } }));
  const event = await eventually(
    () =>
      heard.map(parseEvent).find(({ task, outcome }) => task.id === submitted.id && outcome !== 'created'),
    'the outcome',
  );

  expect(submitted).toMatchObject({
    object: 'image.generation.task',
    status: 'pending',
    metadata: { order: '42' },
  });
  expect(event).toMatchObject({ outcome: 'completed', owner: 'tester', id: `${submitted.id}:completed` });
  expect(await wanhook.get(submitted.id)).toEqual(event.task);
  expect(event.task.images).toHaveLength(2);
});

test('the same idempotency key is the same task, and one create at the provider', async () => {
  const request = boat('once only');

  const first = await wanhook.submit(request, { idempotencyKey: 'client-once' });
  const second = await wanhook.submit(request, { idempotencyKey: 'client-once' });
  const other = wanhook.submit(boat('another'), { idempotencyKey: 'client-once' });

  expect(second.id).toBe(first.id);
  await expect(other).rejects.toMatchObject({
    name: 'InvalidRequestError',
    status: 422,
    code: 'idempotency_key_reused',
    param: 'Idempotency-Key',
  });
  expect(await requestsFor('once only')).toHaveLength(1);
});

test('an answer that is lost on its way costs nothing: the client tries again, and the task is paid for once', async () => {
  let lost = 0;
  const forgetful = new Wanhook({
    baseUrl: system.cloud.apiUrl,
    apiKey,
    fetch: async (...request) => {
      const response = await fetch(...request);
      if (lost++ > 0) return response;
      await response.text();
      throw new TypeError('the connection was lost');
    },
  });

  const task = await forgetful.submit(boat('lost answer'));

  expect(lost).toBe(2);
  expect(await requestsFor('lost answer')).toHaveLength(1);
  expect((await system.ended(task.id)).status).toBe('completed');
});

test('a provider that takes none now: the error says when to come back, and its key is safe to come back with', async () => {
  const refusal = { kind: 'refuse', status: 429, retryAfter: 3600 } as const;
  await system.evolink.addFault(refusal, { prompt: 'busy once', times: 1 });

  const busy = await wanhook.submit(boat('busy once')).catch((error: unknown) => error);

  expect(busy).toBeInstanceOf(BusyError);
  const { status, code, retryAfterSeconds, idempotencyKey } = busy as BusyError;
  expect({ status, code, retryAfterSeconds }).toEqual({
    status: 503,
    code: 'provider_busy',
    retryAfterSeconds: 3600,
  });
  const { id } = await wanhook.submit(boat('busy once'), { idempotencyKey: idempotencyKey! });
  expect((await system.ended(id)).status).toBe('completed');
  expect((await system.records()).filter(({ prompt }) => prompt === 'busy once')).toHaveLength(1);
});

test('a wrong request is an error that names the field', async () => {
  const request = { model: 'wan2.5-text-to-image', prompt: 'a boat', n: 5 } as const;

  await expect(wanhook.submit(request)).rejects.toMatchObject({
    name: 'InvalidRequestError',
    status: 400,
    code: 'invalid_parameters',
    type: 'invalid_request_error',
    param: 'n',
    message: 'n must be an integer from 1 to 4',
  });
});

test('an unknown task and an unknown key have errors of their own', async () => {
  const stranger = new Wanhook({ baseUrl: system.cloud.apiUrl, apiKey: newKey() });

  await expect(wanhook.get('task_01JDG000000000000000000000')).rejects.toMatchObject({
    name: 'NotFoundError',
    status: 404,
    code: 'task_not_found',
  });
  await expect(stranger.get('task_01JDG000000000000000000000')).rejects.toMatchObject({
    name: 'AuthenticationError',
    status: 401,
    code: 'unauthorized',
  });
});

test('a list is walked page by page, newest first, each task once', async () => {
  const ids: string[] = [];
  for (const nth of [1, 2, 3, 4, 5]) {
    const { id } = await wanhook.submit({
      model: 'wan25_t2i_preview',
      input: { prompt: `listed ${nth}` },
      parameters: { n: 1 },
    });
    ids.unshift(id);
  }

  const listed: string[] = [];
  for await (const { id } of wanhook.list({ model: 'wan25_t2i_preview', limit: 2 })) listed.push(id);

  expect(listed).toEqual(ids);
});

test('a list is narrowed by date and by metadata', async () => {
  const before = new Date();
  const { id } = await wanhook.submit(boat('filtered', { metadata: { 'order no.': '4+2' } }));
  const idsOf = async (query: ListQuery) => {
    const ids: string[] = [];
    for await (const task of wanhook.list(query)) ids.push(task.id);
    return ids;
  };

  expect(await idsOf({ metadata: { 'order no.': '4+2' } })).toEqual([id]);
  expect(await idsOf({ created_after: before })).toContain(id);
  expect(await idsOf({ created_before: before })).not.toContain(id);
  expect(await idsOf({ created_after: '2099-01-01' })).toEqual([]);
  await expect(idsOf({ created_after: 'yesterday' })).rejects.toMatchObject({ param: 'created_after' });
});

describe('webhooks', () => {
  const secret = system.deployment.webhookSecret;

  async function receiver(answer: (count: number) => Answer = () => ({ status: 204 })) {
    const server = await serve((_, count) => answer(count));
    afterAll(() => server.close());
    return server;
  }

  const withCallback = (id: string, status: string) =>
    eventually(async () => {
      const task = await wanhook.get(id);
      return task.callback?.status === status ? task : undefined;
    }, `a webhook that is ${status}`);

  test('one is verified, its deliveries are listed, and it is sent again with the same id', async () => {
    const server = await receiver((count) => (count === 1 ? { status: 410, body: 'gone' } : { status: 204 }));

    const { id } = await wanhook.submit(boat('with a webhook', { callback_url: `${server.url}/hook` }));
    await withCallback(id, 'failed');
    const redelivered = await wanhook.redeliver(id);
    const { callback } = await withCallback(id, 'delivered');

    expect(redelivered).toMatchObject({ id, callback: { status: 'pending', attempts: 1 } });
    expect(callback).toMatchObject({ attempts: 2, last_status: 204 });
    for (const { body, headers } of server.seen) {
      const webhook = await verifyWebhook({ body, headers, secret });
      expect(webhook).toMatchObject({ id: `${id}:completed`, task: { id, status: 'completed' } });
    }
    expect(await wanhook.deliveries(id)).toMatchObject([
      { object: 'webhook.delivery', attempt: 2, status: 204, webhook_id: `${id}:completed` },
      { attempt: 1, status: 410, answer: 'gone' },
    ]);
  });

  test('a real one fails by name: another secret, a changed byte, six minutes later', async () => {
    const server = await receiver();
    await wanhook.testWebhook(`${server.url}/hook`);
    const [{ body, headers }] = server.seen as [Seen];
    const received = { body, headers, secret };
    const other = `whsec_${Buffer.alloc(32, 1).toString('base64')}`;

    expect(await verifyWebhook(received)).toMatchObject({ task: { metadata: { test: 'true' } } });
    await expect(verifyWebhook({ ...received, secret: other })).rejects.toMatchObject({
      reason: 'no_matching_signature',
    });
    await expect(verifyWebhook({ ...received, body: body.replace('true', 'True') })).rejects.toMatchObject({
      reason: 'no_matching_signature',
    });
    await expect(verifyWebhook({ ...received, now: Date.now() + 360_000 })).rejects.toMatchObject({
      reason: 'too_old',
    });
  });

  test('a sample is sent once, and the client is told how it fared', async () => {
    const server = await receiver(() => ({ status: 500, body: 'not yet' }));

    const tested = await wanhook.testWebhook(`${server.url}/hook`);

    expect(tested).toMatchObject({
      object: 'webhook.test',
      delivered: false,
      status: 500,
      answer: 'not yet',
    });
    expect(server.seen).toHaveLength(1);
    await expect(wanhook.testWebhook('http://example.com')).rejects.toMatchObject({
      status: 400,
      param: 'url',
    });
  });

  test('there is nothing to send again of a task without a callback_url', async () => {
    const { id } = await wanhook.submit(boat('without a webhook'));
    await system.ended(id);

    await expect(wanhook.redeliver(id)).rejects.toMatchObject({
      name: 'ConflictError',
      code: 'no_callback_url',
    });
    expect(await wanhook.deliveries(id)).toEqual([]);
  });
});
