/** One attempt at receivers of every kind: real servers, each attempt ends with an outcome, in bounded time and bytes. */

import { randomBytes } from 'node:crypto';
import dns from 'node:dns';
import type { ServerResponse } from 'node:http';
import { Webhook } from 'standardwebhooks';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { type Attempted, postWebhook } from '../../../shared/webhooks/post.ts';
import { webhookSecret } from '../../../shared/webhooks/signature.ts';
import { type Answer, nobody, type ScriptedServer, serve, serveRaw } from '../../support/server.ts';

const secret = webhookSecret(randomBytes(32));
const rules = { allowedRanges: [], allowLoopbackHttp: true };
const body = JSON.stringify({ id: 'task_1', status: 'completed', prompt: '红狐' });
const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  vi.restoreAllMocks();
  await Promise.all(open.splice(0).map((server) => server.close()));
});

async function receiver(answer: (count: number) => Answer): Promise<ScriptedServer> {
  const server = await serve((_, count) => answer(count));
  open.push(server);
  return server;
}

const post = (url: string, timeoutMs?: number): Promise<Attempted> =>
  postWebhook({ url, id: 'task_1:completed', body, secrets: [secret] }, rules, Date.now, timeoutMs);

const answering = async (answer: Answer) => post((await receiver(() => answer)).url);

test('a receiver gets the body as it is, signed for this very moment', async () => {
  const server = await receiver(() => ({ status: 204 }));

  const attempted = await post(`${server.url}/hook?x=1`);

  const [seen] = server.seen;
  expect(attempted).toEqual({
    verdict: 'delivered',
    status: 204,
    answer: '',
    durationMs: expect.any(Number),
  });
  expect(seen).toMatchObject({ method: 'POST', path: '/hook?x=1', body });
  expect(seen!.headers).toMatchObject({
    'content-type': 'application/json',
    'webhook-id': 'task_1:completed',
    'webhook-timestamp': expect.stringMatching(/^\d{10}$/),
  });
  expect(new Webhook(secret).verify(seen!.body, seen!.headers as Record<string, string>)).toEqual(
    JSON.parse(body),
  );
});

test.each([200, 201, 202, 299])('%i is success', async (status) => {
  expect(await answering({ status, body: 'thanks' })).toMatchObject({
    verdict: 'delivered',
    status,
    answer: 'thanks',
  });
});

test.each([
  [400, 'unexpected_status'],
  [404, 'unexpected_status'],
  [429, 'unexpected_status'],
  [500, 'unexpected_status'],
  [503, 'unexpected_status'],
  [304, 'redirected'],
])('%i is tried again', async (status, error) => {
  expect(await answering({ status })).toMatchObject({ verdict: 'retry', status, error });
});

test.each([301, 302, 303, 307, 308])('a redirect (%i) is not followed', async (status) => {
  const elsewhere = await receiver(() => ({ status: 200 }));

  const attempted = await answering({ status, headers: { location: elsewhere.url } });

  expect(attempted).toMatchObject({ verdict: 'retry', status, error: 'redirected' });
  expect(elsewhere.seen).toEqual([]);
});

test.each([
  ['410', { status: 410 }, 'gone'],
  ['the header, with 403', { status: 403, headers: { 'webhook-delivery': 'disable' } }, 'disabled'],
  ['the header, with 500', { status: 500, headers: { 'webhook-delivery': 'disable' } }, 'disabled'],
])('ended by the receiver: %s', async (_, answer, error) => {
  expect(await answering(answer)).toMatchObject({ verdict: 'end', status: answer.status, error });
});

test.each([
  ['120', 120],
  ['0', 0],
  ['999999999', 86_400],
  [new Date(Date.now() + 90_500).toUTCString(), 90],
  ['Thu, 01 Jan 1970 00:00:00 GMT', 0],
  ['soon', undefined],
])('Retry-After: %s', async (header, seconds) => {
  const attempted = await answering({ status: 503, headers: { 'retry-after': header } });

  if (seconds === undefined) expect(attempted).not.toHaveProperty('retryAfterSeconds');
  else expect(Math.abs(attempted.retryAfterSeconds! - seconds)).toBeLessThanOrEqual(30);
});

describe('what goes wrong below HTTP is an outcome', () => {
  test('nobody listens', async () => {
    expect(await post(await nobody())).toMatchObject({ verdict: 'retry', error: 'connection_refused' });
  });

  test('the connection is closed without an answer', async () => {
    const server = await serveRaw((socket) => socket.destroy());
    open.push(server);

    expect(await post(server.url)).toMatchObject({ verdict: 'retry', error: 'connection_closed' });
  });

  test('it hangs', async () => {
    const server = await receiver(() => () => undefined);

    expect(await post(server.url, 300)).toMatchObject({ verdict: 'retry', error: 'timeout' });
  });

  test('it drips a byte at a time, without an end: the limit is for the whole exchange', async () => {
    const drips: NodeJS.Timeout[] = [];
    const server = await receiver(() => (response: ServerResponse) => {
      response.writeHead(200);
      drips.push(setInterval(() => response.write('.'), 20));
    });

    const attempted = await post(server.url, 300);
    for (const drip of drips) clearInterval(drip);

    expect(attempted).toMatchObject({ verdict: 'retry', error: 'timeout' });
    expect(attempted).not.toHaveProperty('status');
  });

  test('no HTTP at all', async () => {
    const server = await serveRaw((socket) => socket.end('220 smtp ready\r\n'));
    open.push(server);

    expect(await post(server.url)).toMatchObject({ verdict: 'retry', error: 'invalid_answer' });
  });

  test('TLS with a host that speaks none', async () => {
    const server = await receiver(() => ({}));
    const port = new URL(server.url).port;
    const attempted = await postWebhook(
      { url: `https://127.0.0.1:${port}/`, id: 'task_1:completed', body, secrets: [secret] },
      { allowedRanges: ['127.0.0.0/8'], allowLoopbackHttp: false },
      Date.now,
    );

    expect(attempted).toMatchObject({ verdict: 'retry', error: 'tls_failed' });
    expect(server.seen).toEqual([]);
  });
});

test('of 10 MB at most 64 kB are read, and the first kB is kept', async () => {
  let written = 0;
  const server = await receiver(() => (response: ServerResponse) => {
    response.writeHead(200);
    response.on('error', () => undefined);
    const chunk = Buffer.alloc(16 * 1024, '狐');
    const more = (): void => {
      while (written < 10 * 1024 * 1024 && !response.destroyed) {
        written += chunk.length;
        if (!response.write(chunk)) {
          response.once('drain', more);
          return;
        }
      }
      response.end();
    };
    more();
  });

  const attempted = await post(server.url);

  expect(attempted).toMatchObject({ verdict: 'delivered', status: 200 });
  expect(attempted.answer).toBe('狐'.repeat(341));
  // What the two sockets buffer between them is on top of what is read.
  expect(written).toBeLessThan(8 * 1024 * 1024);
});

describe('addresses', () => {
  type Done = (error: Error | null, addresses: dns.LookupAddress[]) => void;
  const leadsTo = (address: string) =>
    vi
      .spyOn(dns, 'lookup')
      .mockImplementation(((_: string, __: object, done: Done) =>
        done(null, [{ address, family: 4 }])) as never);

  test.each(['127.0.0.1', '10.0.0.7', '169.254.169.254'])(
    'a name that leads to %s by now is not called',
    async (address) => {
      const lookup = leadsTo(address);

      const attempted = await post('https://hooks.example.com/');

      expect(lookup).toHaveBeenCalledOnce();
      expect(attempted).toMatchObject({ verdict: 'retry', error: 'forbidden_address' });
    },
  );

  test('a URL that the rules no longer allow is not called', async () => {
    const server = await receiver(() => ({}));

    const attempted = await postWebhook(
      { url: server.url, id: 'task_1:completed', body, secrets: [secret] },
      { allowedRanges: [], allowLoopbackHttp: false },
      Date.now,
    );

    expect(attempted).toMatchObject({ verdict: 'retry', error: 'forbidden_address' });
    expect(server.seen).toEqual([]);
  });

  test('a name that does not resolve', async () => {
    vi.spyOn(dns, 'lookup').mockImplementation(((_: string, __: object, done: Done) =>
      done(Object.assign(new Error('not found'), { code: 'ENOTFOUND' }), [])) as never);

    expect(await post('https://hooks.example.com/')).toMatchObject({
      verdict: 'retry',
      error: 'name_not_resolved',
    });
  });
});
