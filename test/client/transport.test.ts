/** One call against a real server that fails in every way: what is sent again, after how long, and what is thrown. */
import { describe, expect, onTestFinished, test } from 'vitest';
import {
  AuthenticationError,
  BusyError,
  ConflictError,
  ConnectionError,
  InvalidRequestError,
  NotFoundError,
  ServerError,
  WanhookError,
} from '../../client/index.ts';
import { type Call, send, type Transport } from '../../client/transport.ts';
import { type Answer, nobody, type Seen, serve, serveRaw } from '../support/server.ts';

const KEY = 'whk_very_secret';
const TASK = { id: 'task_1' };
const READ: Call = { method: 'GET', path: '/v1/tasks/task_1?x=1', repetition: 'harmless' };
const CREATE: Call = {
  method: 'POST',
  path: '/v1/images/generations',
  body: { prompt: 'a secret prompt' },
  idempotencyKey: 'order-42',
  repetition: 'harmless',
};
const NOW = Date.parse('2026-11-24T12:00:00Z');

interface Sending {
  readonly transport: Transport;
  /** Milliseconds of each pause. */
  readonly pauses: number[];
}

function sending(baseUrl: string, more: Partial<Transport> = {}): Sending {
  const pauses: number[] = [];
  const transport: Transport = {
    baseUrl,
    apiKey: KEY,
    timeoutMs: 60_000,
    maxRetries: 3,
    fetch,
    pause: async (ms) => void pauses.push(ms),
    random: () => 1,
    now: () => NOW,
    ...more,
  };
  return { transport, pauses };
}

/** A server that answers with these in turn, the last one again and again. */
async function answering(...answers: Answer[]) {
  const server = await serve((_, count) => answers[Math.min(count, answers.length) - 1]!);
  onTestFinished(() => server.close());
  return server;
}

const problem = (status: number, code: string, headers: Record<string, string> = {}): Answer => ({
  status,
  headers,
  json: { error: { code, message: `says ${code}`, type: 'some_error', param: 'prompt' } },
});

/** What a call throws, which must be an error of the client's. */
async function thrownBy({ transport }: Sending, call: Call): Promise<WanhookError> {
  const error = await send(transport, call).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(WanhookError);
  return error as WanhookError;
}

describe('what is sent', () => {
  test('the key, and JSON with its idempotency key', async () => {
    const server = await answering({ json: TASK });

    const answer = await send(sending(server.url).transport, CREATE);

    expect(answer).toEqual(TASK);
    expect(server.seen).toMatchObject([
      {
        method: 'POST',
        path: '/v1/images/generations',
        headers: {
          authorization: `Bearer ${KEY}`,
          'content-type': 'application/json',
          'idempotency-key': 'order-42',
        },
        body: '{"prompt":"a secret prompt"}',
      },
    ]);
  });

  test('nothing but the key where there is no body', async () => {
    const server = await answering({ json: TASK });

    await send(sending(server.url).transport, READ);

    const [{ headers, body, path }] = server.seen as [Seen];
    expect({ path, body }).toEqual({ path: READ.path, body: '' });
    expect(headers).not.toHaveProperty('content-type');
    expect(headers).not.toHaveProperty('idempotency-key');
  });

  test('nothing goes where a redirect leads: the key is for the API alone', async () => {
    const elsewhere = await answering({ json: TASK });
    const server = await answering({ status: 302, headers: { location: elsewhere.url } });

    const error = await thrownBy(sending(server.url), READ);

    expect(error).toMatchObject({ name: 'ServerError', status: 302, code: 'http_302' });
    expect(elsewhere.seen).toEqual([]);
  });
});

describe('errors', () => {
  test.each([
    [400, 'invalid_parameters', InvalidRequestError],
    [401, 'unauthorized', AuthenticationError],
    [402, 'insufficient_quota', InvalidRequestError],
    [403, 'link_expired', AuthenticationError],
    [404, 'task_not_found', NotFoundError],
    [409, 'task_not_ended', ConflictError],
    [422, 'idempotency_key_reused', InvalidRequestError],
    [429, 'too_many', BusyError],
    [500, 'internal_error', ServerError],
    [503, 'provider_busy', BusyError],
  ])('%i %s', async (status, code, type) => {
    const server = await answering(problem(status, code));

    const error = await thrownBy(sending(server.url), CREATE);

    expect(error).toBeInstanceOf(type);
    expect(error).toMatchObject({
      name: type.name,
      status,
      code,
      message: `says ${code}`,
      type: 'some_error',
      param: 'prompt',
      idempotencyKey: 'order-42',
    });
  });

  test.each([
    ['of the gateway', { status: 413, json: { message: 'Request Too Long' } }, 'Request Too Long'],
    ['without a body', { status: 404 }, 'The API answered 404'],
    ['that is a page', { status: 400, body: '<html>' }, 'The API answered 400'],
    ['whose error is a string', { status: 400, json: { error: 'no' } }, 'The API answered 400'],
  ])('an answer %s has a code and a message too', async (_, answer, message) => {
    const server = await answering(answer);

    const error = await thrownBy(sending(server.url), READ);

    expect(error).toMatchObject({ code: `http_${answer.status}`, message, status: answer.status });
  });

  test.each(['', 'null', '[]', '"task"', '{"id":'])('a success that is no JSON object: %j', async (body) => {
    const server = await answering({ body });

    const error = await thrownBy(sending(server.url), CREATE);

    expect(error).toMatchObject({ name: 'ServerError', code: 'invalid_answer', status: 200 });
    expect(server.seen).toHaveLength(1);
  });

  test('nobody there', async () => {
    const error = await thrownBy(sending(await nobody()), CREATE);

    expect(error).toMatchObject({
      name: 'ConnectionError',
      code: 'connection_failed',
      status: undefined,
      idempotencyKey: 'order-42',
      cause: expect.any(Error),
    });
  });

  test('a connection that is closed, and an answer that is cut short', async () => {
    const closing = await serveRaw((socket) => socket.destroy());
    const cutting = await serveRaw((socket) => {
      socket.end('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"id":');
    });
    onTestFinished(async () => {
      await Promise.all([closing.close(), cutting.close()]);
    });

    for (const { url } of [closing, cutting]) {
      expect(await thrownBy(sending(url), READ)).toMatchObject({ code: 'connection_failed' });
    }
  });

  test('a server that never ends its answer', async () => {
    const server = await answering((response) => void response.write('{'));

    const error = await thrownBy(sending(server.url, { timeoutMs: 200, maxRetries: 1 }), READ);

    expect(error).toBeInstanceOf(ConnectionError);
    expect(error).toMatchObject({ code: 'timeout', message: expect.stringContaining('within 200 ms') });
    expect(server.seen).toHaveLength(2);
  });

  test('neither the key nor the body nor the query is in any of them', async () => {
    const server = await answering(problem(400, 'invalid_parameters'));
    const errors = [
      await thrownBy(sending(server.url), CREATE),
      await thrownBy(sending(await nobody()), READ),
    ];

    for (const error of errors) {
      const shown = `${error.stack} ${JSON.stringify(error)} ${error.cause}`;
      expect(shown).not.toMatch(/very_secret|secret prompt|x=1/);
    }
  });
});

describe('retries', () => {
  test('what passes is tried again, with growing pauses, the same body and the same idempotency key', async () => {
    const server = await answering(
      problem(500, 'internal_error'),
      { status: 502 },
      { status: 504 },
      { json: TASK },
    );
    const client = sending(server.url);

    const answer = await send(client.transport, CREATE);

    expect(answer).toEqual(TASK);
    expect(client.pauses).toEqual([500, 1000, 2000]);
    expect(new Set(server.seen.map(({ body }) => body)).size).toBe(1);
    expect(server.seen.map(({ headers }) => headers['idempotency-key'])).toEqual(Array(4).fill('order-42'));
  });

  test.each([408, 429, 500, 502, 503, 504])('%i passes', async (status) => {
    const server = await answering({ status }, { json: TASK });

    expect(await send(sending(server.url).transport, CREATE)).toEqual(TASK);
  });

  test('never more often than maxRetries', async () => {
    const server = await answering({ status: 503 });

    await thrownBy(sending(server.url, { maxRetries: 2 }), CREATE);
    await thrownBy(sending(server.url, { maxRetries: 0 }), CREATE);

    expect(server.seen).toHaveLength(3 + 1);
  });

  test('pauses end to grow, and no two clients wait for the same time', async () => {
    const server = await answering({ status: 503 });
    const longest = sending(server.url, { maxRetries: 7 });
    const shortest = sending(server.url, { maxRetries: 7, random: () => 0 });

    await thrownBy(longest, READ);
    await thrownBy(shortest, READ);

    expect(longest.pauses).toEqual([500, 1000, 2000, 4000, 8000, 8000, 8000]);
    expect(shortest.pauses).toEqual(longest.pauses.map((ms) => ms / 2));
  });

  test.each([
    ['seconds', '7', 7000],
    ['a date', 'Tue, 24 Nov 2026 12:00:09 GMT', 9000],
    ['a date that has passed', 'Tue, 24 Nov 2026 11:59:00 GMT', 0],
    ['neither', 'soon', 0],
    ['a negative number', '-5', 0],
  ])('Retry-After is the least that is waited: %s', async (_, value, least) => {
    const server = await answering(problem(503, 'provider_busy', { 'retry-after': value }), { json: TASK });
    const client = sending(server.url);

    await send(client.transport, CREATE);

    expect(client.pauses).toEqual([least + 500]);
  });

  test('a Retry-After of more than a minute is the caller’s to wait for', async () => {
    const server = await answering(problem(503, 'provider_busy', { 'retry-after': '61' }));

    const error = await thrownBy(sending(server.url), CREATE);

    expect(error).toMatchObject({ name: 'BusyError', retryAfterSeconds: 61, idempotencyKey: 'order-42' });
    expect(server.seen).toHaveLength(1);
  });

  test.each([400, 401, 403, 404, 409, 422, 501])('%i is final', async (status) => {
    const server = await answering({ status });

    await thrownBy(sending(server.url), CREATE);

    expect(server.seen).toHaveLength(1);
  });

  test('what must not happen twice is sent again only when the gateway let nothing through', async () => {
    const once: Call = { method: 'POST', path: '/v1/webhooks/test', repetition: 'only_unheard' };
    const busy = await answering({ status: 429 });
    const failing = await answering({ status: 503 });
    const closing = await serveRaw((socket) => socket.destroy());
    onTestFinished(() => closing.close());
    const lost = sending(closing.url);

    await thrownBy(sending(busy.url), once);
    await thrownBy(sending(failing.url), once);
    await thrownBy(lost, once);

    expect(busy.seen).toHaveLength(4);
    expect(failing.seen).toHaveLength(1);
    expect(lost.pauses).toEqual([]);
  });
});

describe('a signal', () => {
  test('takes nothing from the time that an attempt has', async () => {
    const server = await answering((response) => void response.write('{'));
    const { signal } = new AbortController();

    const error = await thrownBy(sending(server.url, { timeoutMs: 200, maxRetries: 0 }), { ...READ, signal });

    expect(error).toMatchObject({ code: 'timeout' });
  });

  test('that was aborted before: nothing is sent', async () => {
    const server = await answering({ json: TASK });
    const signal = AbortSignal.abort(new Error('not any more'));

    await expect(send(sending(server.url).transport, { ...READ, signal })).rejects.toThrow('not any more');
    expect(server.seen).toEqual([]);
  });

  test('during an attempt: it ends with the signal’s reason, and nothing is tried again', async () => {
    const controller = new AbortController();
    const server = await answering(() => controller.abort(new Error('enough')));

    const sent = send(sending(server.url).transport, { ...CREATE, signal: controller.signal });

    await expect(sent).rejects.toThrow('enough');
    expect(server.seen).toHaveLength(1);
  });
});
