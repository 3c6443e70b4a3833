/** One request against real servers: every way to end, and whether it can have left (promise 2). */
import { afterEach, describe, expect, test } from 'vitest';
import { type RequestOptions, request } from '../../../shared/http/request.ts';
import { nobody, type ScriptedServer, serve, serveRaw } from '../../support/server.ts';

const open: Pick<ScriptedServer, 'close'>[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close()));
});
async function kept<T extends Pick<ScriptedServer, 'close'>>(server: Promise<T>): Promise<T> {
  open.push(await server);
  return server;
}

/** For requests that nobody answers: a time-out that a busy machine, too, reaches only after the request has left. */
const LONG_ENOUGH_TO_SEND = 1_000;

const ask = (url: string, options: Partial<RequestOptions> = {}) =>
  request(new URL(url), { timeoutMs: 60_000, maxBytes: 100, ...options });
const failure = (url: string, options: Partial<RequestOptions> = {}) =>
  ask(url, options).then(
    () => expect.fail('it was answered'),
    (error) => error,
  );

describe('an answer', () => {
  test('is its status, headers and bytes, whatever the status', async () => {
    const { url } = await kept(serve(() => ({ status: 503, headers: { 'x-why': 'busy' }, body: '狐' })));

    const reply = await ask(url);

    expect(reply).toMatchObject({ status: 503, headers: { 'x-why': 'busy' }, whole: true });
    expect(reply.body.toString()).toBe('狐');
  });

  test('is asked for with method, headers and body, its length in bytes', async () => {
    const { url, seen } = await kept(serve(() => ({})));

    await ask(`${url}/a/b?c=d`, { method: 'POST', headers: { 'x-one': '1' }, body: '{"p":"狐"}' });

    expect(seen[0]).toMatchObject({ method: 'POST', path: '/a/b?c=d', body: '{"p":"狐"}' });
    expect(seen[0]?.headers).toMatchObject({ 'x-one': '1', 'content-length': '11' });
  });

  test.each([301, 302, 303, 307, 308])('of %i is an answer: no redirect is followed', async (status) => {
    const { url, seen } = await kept(serve(() => ({ status, headers: { location: '/elsewhere' } })));

    expect((await ask(url)).status).toBe(status);
    expect(seen).toHaveLength(1);
  });

  test('is asked for by name, and as the bytes are', async () => {
    const { url, seen } = await kept(serve(() => ({})));

    await ask(url);

    expect(seen[0]?.headers).toMatchObject({ 'user-agent': 'Wanhook', 'accept-encoding': 'identity' });
  });

  test('comes over a connection of its own', async () => {
    const { url, seen } = await kept(serve(() => ({})));
    await ask(url);
    await ask(url);
    expect(seen.map(({ headers }) => headers.connection)).toEqual(['close', 'close']);
  });
});

describe('a body', () => {
  const chunked = (bytes: number) =>
    serve(() => (response) => {
      response.write('x'.repeat(60));
      response.end('x'.repeat(bytes - 60));
    });

  test.each([
    ['with its length', () => serve(() => ({ body: 'x'.repeat(100) }))],
    ['without its length', () => chunked(100)],
  ])('of exactly the limit, %s, is taken', async (_, start) => {
    const { url } = await kept(start());
    expect((await ask(url)).body).toHaveLength(100);
    expect(await ask(url, { headOnly: true })).toMatchObject({ whole: true });
  });

  test.each([
    ['with its length', () => serve(() => ({ body: 'x'.repeat(101) }))],
    ['without its length', () => chunked(101)],
  ])('of one byte more, %s, is refused; of its head only the limit is taken', async (_, start) => {
    const { url } = await kept(start());

    expect(await failure(url)).toMatchObject({ code: 'TOO_LARGE', sent: true });

    const head = await ask(url, { headOnly: true });
    expect(head).toMatchObject({ status: 200, whole: false });
    expect(head.body).toHaveLength(100);
  });

  test('of which more is announced than is allowed is refused before it comes, the head too', async () => {
    const { url } = await kept(
      serve(() => (response) => response.writeHead(200, { 'content-length': 1000 }).write('x')),
    );

    expect(await failure(url, { headOnly: true, maxAnnouncedBytes: 999 })).toMatchObject({
      code: 'TOO_LARGE',
      sent: true,
    });
    expect(
      await failure(url, { headOnly: true, maxAnnouncedBytes: 1000, timeoutMs: LONG_ENOUGH_TO_SEND }),
    ).toMatchObject({ code: 'TIMEOUT' });
  });

  test('that never ends is cut off at the limit', async () => {
    const { url } = await kept(
      serve(() => (response) => {
        const more = setInterval(() => response.write('x'.repeat(60)), 2);
        response.on('close', () => clearInterval(more));
      }),
    );
    expect(await failure(url)).toMatchObject({ code: 'TOO_LARGE' });
    expect((await ask(url, { headOnly: true })).whole).toBe(false);
  });
});

describe('no answer', () => {
  test('where nobody listens: certainly nothing was sent', async () => {
    const error = await failure(await nobody());

    expect(error).toMatchObject({ name: 'RequestFailure', code: 'ECONNREFUSED', sent: false });
    expect(error.message).toBe('request failed: ECONNREFUSED (nothing was sent)');
    expect(error.cause).toMatchObject({ code: 'ECONNREFUSED' });
  });

  test('from a name that does not resolve: certainly nothing was sent', async () => {
    const lookup: RequestOptions['lookup'] = (_name, _options, done) =>
      done(Object.assign(new Error('no such name'), { code: 'ENOTFOUND' }), '', 0);
    expect(await failure('http://nowhere.example.com/', { lookup })).toMatchObject({
      code: 'ENOTFOUND',
      sent: false,
    });
  });

  test('from a server that speaks no TLS: certainly nothing was sent', async () => {
    const { url } = await kept(serve(() => ({})));
    expect(await failure(url.replace('http:', 'https:'))).toMatchObject({ sent: false });
  });

  test('within the time, from a server that took the request', async () => {
    const { url } = await kept(serve(() => () => undefined));
    expect(await failure(url, { timeoutMs: LONG_ENOUGH_TO_SEND })).toMatchObject({
      code: 'TIMEOUT',
      sent: true,
    });
  });

  test('within the time, because no connection stood', async () => {
    const lookup: RequestOptions['lookup'] = () => undefined;
    expect(await failure('http://slow.example.com/', { lookup, timeoutMs: 50 })).toMatchObject({
      code: 'TIMEOUT',
      sent: false,
    });
  });

  test('within the time, though its first half came', async () => {
    const { url } = await kept(serve(() => (response) => response.write('half')));
    expect(await failure(url, { timeoutMs: LONG_ENOUGH_TO_SEND })).toMatchObject({
      code: 'TIMEOUT',
      sent: true,
    });
  });

  test('before the function is stopped', async () => {
    const stop = new AbortController();
    const { url } = await kept(serve(() => () => stop.abort()));
    expect(await failure(url, { signal: stop.signal })).toMatchObject({ sent: true });
  });

  test.each<[string, string]>([
    ['nothing', ''],
    ['no HTTP', 'SSH-2.0-OpenSSH_9.6\r\n'],
    ['half a head', 'HTTP/1.1 200 OK\r\ncontent-le'],
    ['less than its length', 'HTTP/1.1 200 OK\r\ncontent-length: 20\r\n\r\nhalf'],
    ['no last chunk', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nhalf\r\n'],
    ['a broken chunk', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nZZ\r\nhalf\r\n'],
    [
      'a change of the protocol',
      'HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n',
    ],
  ])('from a server that says %s and goes: it may have been sent', async (_, says) => {
    const { url } = await kept(serveRaw((socket) => socket.end(says)));
    expect(await failure(url)).toMatchObject({ name: 'RequestFailure', sent: true });
  });

  test('after a reset: it may have been sent', async () => {
    const { url } = await kept(serveRaw((socket) => socket.resetAndDestroy()));
    expect(await failure(url)).toMatchObject({ code: 'ECONNRESET', sent: true });
  });
});

test('garbage behind a whole answer does no harm', async () => {
  const { url } = await kept(
    serveRaw((socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nokgarbage\r\n\r\n')),
  );
  expect((await ask(url)).body.toString()).toBe('ok');
});
