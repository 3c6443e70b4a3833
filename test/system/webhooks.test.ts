/** Callers' webhooks on the whole system: real receivers, which verify with the public package, as a caller would. */
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { Webhook } from 'standardwebhooks';
import { afterAll, describe, expect, test } from 'vitest';
import { output } from '../../infra/local/deploy.ts';
import { keyIdOf, newKey, putKey } from '../../infra/operations/api-keys.ts';
import type { PublicTask } from '../../shared/task/public-task.ts';
import type { PublicDelivery } from '../../shared/webhooks/deliveries.ts';
import { eventually } from '../support/eventually.ts';
import { type Answer, type Seen, serve } from '../support/server.ts';
import { type ProblemAnswer, startSystem, textToImage } from './system.ts';

const system = await startSystem();
const { webhookSecret, apiKey } = system.deployment;
const directory = await mkdtemp(join(tmpdir(), 'wanhook-webhooks-'));
const outputsFile = join(directory, 'outputs.json');
await writeFile(outputsFile, JSON.stringify({ Wanhook: system.cloud.outputs }));
afterAll(() => rm(directory, { recursive: true, force: true }));

interface Deliveries {
  readonly object: 'list';
  readonly data: readonly PublicDelivery[];
}

async function receiver(answer: (count: number) => Answer = () => ({ status: 200, body: 'thanks' })) {
  const server = await serve((_, count) => answer(count));
  afterAll(() => server.close());
  return server;
}

/** A task whose webhook goes there. */
async function submitted(callback_url: string, prompt: string): Promise<string> {
  const answer = await system.submit(textToImage(prompt, { callback_url }));
  expect(answer.status).toBe(200);
  return answer.body.id;
}

const withStatus = (id: string, status: string): Promise<PublicTask> =>
  eventually(async () => {
    const task = await system.task(id);
    return task.callback?.status === status ? task : undefined;
  }, `a webhook that is ${status}`);

const verified = ({ body, headers }: Pick<Seen, 'body' | 'headers'>, secret = webhookSecret) =>
  new Webhook(secret).verify(body, headers as Record<string, string>) as PublicTask;

const deliveriesOf = async (id: string) =>
  (await system.call<Deliveries>('GET', `/v1/tasks/${id}/deliveries`)).body.data;

/** Runs an operator's command, in a process that knows the cloud by its environment only. */
const operate = (command: string, ...options: string[]) =>
  promisify(execFile)(
    process.execPath,
    [join(import.meta.dirname, `../../infra/operations/${command}.ts`), ...options],
    { env: { PATH: process.env.PATH, ...system.cloud.environment() } },
  );
const keys = (command: string, ...options: string[]) => operate('keys', command, outputsFile, ...options);
const failed = (error: { code: number; stderr: string }) => error;

test('a completed task is sent once, signed, with the body of its query, and shown as delivered', async () => {
  const server = await receiver();

  const id = await submitted(`${server.url}/hook?x=1`, 'webhook');
  const task = await withStatus(id, 'delivered');
  await system.cloud.idle();

  expect(server.seen).toMatchObject([
    {
      method: 'POST',
      path: '/hook?x=1',
      headers: { 'webhook-id': `${id}:completed`, 'content-type': 'application/json' },
    },
  ]);
  const { callback, ...sent } = verified(server.seen[0]!);
  const { callback: _, ...shown } = task;
  expect(sent).toEqual(shown);
  expect(callback).toMatchObject({ url: `${server.url}/hook?x=1`, status: 'pending', attempts: 0 });
  expect(task.callback).toMatchObject({
    attempts: 1,
    last_status: 200,
    last_error: null,
    next_attempt: null,
  });
  expect(await deliveriesOf(id)).toMatchObject([
    {
      object: 'webhook.delivery',
      webhook_id: `${id}:completed`,
      attempt: 1,
      status: 200,
      error: null,
      answer: 'thanks',
    },
  ]);
});

test('a changed byte, a time-stamp of six minutes ago, another key’s secret fail', async () => {
  const server = await receiver();
  await withStatus(await submitted(server.url, 'forged webhook'), 'delivered');
  const [{ body, headers }] = server.seen as [Seen];
  const other = (await keys('create', '--owner', 'somebody')).stdout.match(/whsec_\S+/)![0];
  const old = { ...headers, 'webhook-timestamp': String(Math.floor(Date.now() / 1000) - 360) };

  expect(() => verified({ body: body.replace('forged', 'Forged'), headers })).toThrow(
    'No matching signature',
  );
  expect(() => verified({ body, headers: old })).toThrow('Message timestamp too old');
  expect(() => verified({ body, headers }, other)).toThrow('No matching signature');
  expect(verified({ body, headers })).toMatchObject({ status: 'completed' });
});

test('a failed task is sent too', async () => {
  const server = await receiver();
  await system.evolink.addFault({ kind: 'fail' }, { prompt: 'failing webhook' });

  const id = await submitted(server.url, 'failing webhook');
  await withStatus(id, 'delivered');

  expect(server.seen).toMatchObject([{ headers: { 'webhook-id': `${id}:failed` } }]);
  expect(verified(server.seen[0]!)).toMatchObject({
    id,
    status: 'failed',
    error: { code: expect.any(String) },
  });
});

test('three failures, then success: one webhook-id, pauses of 1, 2 and 4 s at least; no event of it', async () => {
  const at: number[] = [];
  const server = await receiver((count) => {
    at.push(Date.now());
    return count <= 3 ? { status: 500, body: `no ${count}` } : { status: 200 };
  });

  const id = await submitted(server.url, 'three failures');
  const task = await withStatus(id, 'delivered');
  await system.cloud.idle();

  const pauses = at.slice(1).map((time, nth) => (time - at[nth]!) / 1000);
  console.log(`retries after ${pauses.map((pause) => pause.toFixed(2)).join(', ')} s`);
  for (const [nth, least] of [1, 2, 4].entries()) expect(pauses[nth]).toBeGreaterThanOrEqual(least - 0.1);
  expect(new Set(server.seen.map(({ headers }) => headers['webhook-id']))).toEqual(
    new Set([`${id}:completed`]),
  );
  for (const seen of server.seen) expect(verified(seen)).toMatchObject({ id });
  expect(task).toMatchObject({ status: 'completed', callback: { attempts: 4, last_status: 200 } });
  expect((await deliveriesOf(id)).map(({ attempt, status, answer }) => [attempt, status, answer])).toEqual([
    [4, 200, ''],
    [3, 500, 'no 3'],
    [2, 500, 'no 2'],
    [1, 500, 'no 1'],
  ]);
  expect(system.eventsOf(id)).toEqual([`${id}:created`, `${id}:completed`]);
});

test('410 ends it: failed, and the task stays completed; a redelivery goes out with the same id', async () => {
  const server = await receiver((count) => ({ status: count === 1 ? 410 : 200 }));
  const id = await submitted(server.url, 'gone');
  const failed = await withStatus(id, 'failed');
  await system.cloud.idle();
  const published = system.cloud.function('Publish').invocations;

  const answer = await system.call('POST', `/v1/tasks/${id}/redeliver`);
  const task = await withStatus(id, 'delivered');
  await system.cloud.idle();

  // What is written about a webhook does not even start the function behind the stream.
  expect(system.cloud.function('Publish').invocations).toBe(published);
  expect(failed).toMatchObject({
    status: 'completed',
    callback: { attempts: 1, last_status: 410, last_error: 'gone' },
  });
  // It may have been delivered before the answer was written.
  expect(answer).toMatchObject({ status: 202, body: { id, callback: { url: server.url } } });
  expect(server.seen.map(({ headers }) => headers['webhook-id'])).toEqual([
    `${id}:completed`,
    `${id}:completed`,
  ]);
  expect(task.callback).toMatchObject({ attempts: 2, last_status: 200, last_error: null });
});

test('a receiver that redirects, and one that is away, are recorded and tried again', async () => {
  const elsewhere = await receiver();
  const redirecting = await receiver(() => ({ status: 302, headers: { location: elsewhere.url } }));
  const away = await receiver();
  await away.close();

  const [redirected, refused] = await Promise.all(
    [redirecting, away].map(async ({ url }) => {
      const id = await submitted(url, 'bad receiver');
      return eventually(async () => {
        const { callback } = await system.task(id);
        return callback && callback.attempts >= 2 ? callback : undefined;
      }, 'a second attempt');
    }),
  );

  expect(redirected).toMatchObject({ status: 'pending', last_status: 302, last_error: 'redirected' });
  expect(refused).toMatchObject({ status: 'pending', last_status: null, last_error: 'connection_refused' });
  expect(redirected!.next_attempt).toBeGreaterThan(0);
  expect(elsewhere.seen).toEqual([]);
});

test('an event that the queue refuses becomes a dead letter, and the redrive command delivers it', async () => {
  const server = await receiver();
  const dead = system.cloud.queue('WebhooksFirstDeadLetters');
  let refused = 0;
  const forget = system.cloud.onRequest(({ service, operation, caller }) =>
    service === 'SQS' && operation === 'SendMessage' && caller === 'EventBridge' && refused++ === 0
      ? { status: 400, code: 'InvalidMessageContents', message: 'refused' }
      : undefined,
  );
  const id = await submitted(server.url, 'dead event');
  await eventually(() => dead.depth().visible, 'the dead letter');
  forget();
  const before = await system.task(id);

  const { stdout } = await operate('redrive', outputsFile, '--go');
  await withStatus(id, 'delivered');

  expect(before).toMatchObject({ status: 'completed', callback: { status: 'pending', attempts: 0 } });
  expect(stdout).toMatch(/WebhooksDeadLetters +1 +1/);
  expect(server.seen).toMatchObject([{ headers: { 'webhook-id': `${id}:completed` } }]);
});

describe('a rotation', () => {
  test('both secrets sign for 24 hours; the first one goes on verifying, a second rotation is refused', async () => {
    const server = await receiver();
    const { stdout } = await keys('rotate-webhook-secret', keyIdOf(apiKey));
    const next = stdout.match(/whsec_\S+/)![0];

    // A version is remembered for a minute by a function that signed before; a new one reads it.
    system.cloud.function('WebhooksDeliver').kill();
    await withStatus(await submitted(server.url, 'rotated webhook'), 'delivered');
    const again = await keys('rotate-webhook-secret', keyIdOf(apiKey)).catch(failed);

    expect(next).not.toBe(webhookSecret);
    const [seen] = server.seen as [Seen];
    expect(String(seen.headers['webhook-signature']).split(' ')).toHaveLength(2);
    for (const secret of [webhookSecret, next])
      expect(verified(seen, secret)).toMatchObject({ status: 'completed' });
    expect(again).toMatchObject({ code: 1, stderr: expect.stringContaining('Nothing was changed') });
  });

  test('of a key that there is not is refused', async () => {
    expect(await keys('rotate-webhook-secret', 'key_none').catch(failed)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('There is no key key_none'),
    });
  });
});

describe('POST /v1/webhooks/test', () => {
  interface Tested {
    readonly delivered: boolean;
    readonly webhook_id: string;
  }

  test('sends a signed sample, and answers with what came back', async () => {
    const server = await receiver((count) => ({ status: count === 1 ? 200 : 418, body: 'short and stout' }));

    const good = await system.call<Tested>('POST', '/v1/webhooks/test', { url: server.url });
    const bad = await system.call('POST', '/v1/webhooks/test', { url: server.url });

    expect(good).toMatchObject({
      status: 200,
      body: {
        object: 'webhook.test',
        url: server.url,
        delivered: true,
        status: 200,
        error: null,
        answer: 'short and stout',
      },
    });
    expect(bad.body).toMatchObject({ delivered: false, status: 418, error: 'unexpected_status' });
    const sample = verified(server.seen[0]!, webhookSecret);
    expect(sample).toMatchObject({
      object: 'image.generation.task',
      status: 'completed',
      metadata: { test: 'true' },
    });
    expect(server.seen[0]!.headers['webhook-id']).toBe(good.body.webhook_id);
    expect(await system.record(sample.id)).toBeUndefined();
  });

  test.each([
    ['plain http', { url: 'http://hooks.example.com/' }, 'url', /https/],
    ['metadata', { url: 'https://169.254.169.254/' }, 'url', /internal/],
    ['loopback over https', { url: 'https://127.0.0.1/' }, 'url', /internal/],
    ['no url', {}, 'url', /https URL/],
    ['a number', { url: 7 }, 'url', /https URL/],
    ['something else', { url: 'https://hooks.example.com/', method: 'GET' }, 'method', /allowed is url/],
    ['no object', '[1]', 'body', /JSON object/],
    ['no JSON', '{', 'body', /JSON object/],
  ])('refused: %s', async (_, body, param, message) => {
    const answer = await system.call<ProblemAnswer>('POST', '/v1/webhooks/test', body);

    expect(answer).toMatchObject({ status: 400, body: { error: { type: 'invalid_request_error', param } } });
    expect(answer.body.error.message).toMatch(message);
  });
});

describe('two owners', () => {
  const routes = (id: string): [string, string][] => [
    ['GET', `/v1/tasks/${id}/deliveries`],
    ['POST', `/v1/tasks/${id}/redeliver`],
    ['GET', `/v1/tasks/${id}`],
  ];

  test('neither sees, lists or redelivers anything of the other, and their secrets differ', async () => {
    const server = await receiver();
    const id = await submitted(server.url, 'mine');
    await withStatus(id, 'delivered');
    const foreign = newKey();
    await putKey(system.dynamodb, output(system.cloud, 'KeysTable'), 'other', foreign);
    const as = { authorization: `Bearer ${foreign}` };

    for (const [method, path] of routes(id)) {
      expect(await system.call<ProblemAnswer>(method, path, undefined, as)).toMatchObject({
        status: 404,
        body: { error: { code: 'task_not_found' } },
      });
    }
    await system.call('POST', '/v1/webhooks/test', { url: server.url }, as);
    await system.cloud.idle();

    expect(server.seen).toHaveLength(2);
    expect(() => verified(server.seen[1]!)).toThrow('No matching signature');
  });

  test('without a key, and for a task that there is not', async () => {
    const id = `task_${'0'.repeat(26)}`;
    for (const [method, path] of routes(id)) {
      expect((await system.call(method, path)).status).toBe(404);
      expect((await system.call(method, path, undefined, { authorization: 'Bearer nobody' })).status).toBe(
        401,
      );
    }
    const anonymous = { authorization: `Bearer ${randomUUID()}` };
    expect(
      (await system.call('POST', '/v1/webhooks/test', { url: 'https://h.example.com/' }, anonymous)).status,
    ).toBe(401);
  });
});

test('a redelivery is refused without an outcome, and without a callback_url', async () => {
  const without = await system.submit(textToImage('no webhook'));
  const ended = await system.ended(without.body.id);
  const record = (await system.record(ended.id))!;
  const open = {
    ...record,
    id: `task_${'1'.repeat(26)}`,
    status: 'pending',
    callback_url: 'https://h.example.com/',
  };
  await system.dynamodb.send(
    new PutItemCommand({
      TableName: system.tasksTable,
      Item: marshall(open, { removeUndefinedValues: true }),
    }),
  );

  expect(await system.call('POST', `/v1/tasks/${ended.id}/redeliver`)).toMatchObject({
    status: 409,
    body: { error: { code: 'no_callback_url' } },
  });
  expect(await system.call('POST', `/v1/tasks/${open.id}/redeliver`)).toMatchObject({
    status: 409,
    body: { error: { code: 'task_not_ended' } },
  });
  expect(await deliveriesOf(ended.id)).toEqual([]);
});
