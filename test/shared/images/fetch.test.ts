/** Fetching an image from a real server: what is certain is an outcome, what may pass is thrown (promise 6). */
import { brotliCompressSync, constants, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { afterEach, describe, expect, test } from 'vitest';
import { type FetchRules, fetchImage, ImageUnavailable } from '../../../shared/images/fetch.ts';
import { inspectImage } from '../../../shared/images/inspect.ts';
import { painted, png } from '../../support/pictures.ts';
import {
  type Answer,
  nobody,
  type ScriptedServer,
  type Seen,
  serve,
  serveRaw,
} from '../../support/server.ts';

const picture = png();
const rules: FetchRules = {
  allowHttp: true,
  allowedRanges: ['127.0.0.0/8'],
  maxBytes: 10_000,
  timeoutMs: 60_000,
  pausesMs: [1, 1],
};

const open: Pick<ScriptedServer, 'close'>[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close()));
});
async function started(answer: (seen: Seen, count: number) => Answer): Promise<ScriptedServer> {
  const server = await serve(answer);
  open.push(server);
  return server;
}
const unavailable = (url: string, own: Partial<FetchRules> = {}) =>
  fetchImage(url, { ...rules, ...own }).then(
    (fetched) => expect.fail(`it was ${fetched.kind}`),
    (error) => error,
  );

test('the bytes come as they are', async () => {
  const { url, seen } = await started(() => ({
    body: picture,
    headers: { 'content-length': picture.length },
  }));

  const fetched = await fetchImage(`${url}/fox.png`, rules);

  expect(fetched).toMatchObject({ kind: 'bytes', whole: true });
  expect(fetched.kind === 'bytes' && fetched.bytes.equals(picture)).toBe(true);
  expect(seen).toHaveLength(1);
});

test('of the head only, the rest is never waited for', async () => {
  const { url } = await started(() => (response) => {
    response.writeHead(200, { 'content-length': 50_000 });
    response.write(Buffer.alloc(20_000));
  });

  const fetched = await fetchImage(url, { ...rules, headOnly: true });

  expect(fetched).toMatchObject({ kind: 'bytes', whole: false });
  expect(fetched.kind === 'bytes' && fetched.bytes.length).toBe(10_000);
});

test.each([
  [50_000, { kind: 'bytes', whole: false }],
  [49_999, { kind: 'lost', reason: 'too_large' }],
])('of the head only, where %i bytes may be announced and 50000 are', async (maxAnnouncedBytes, fetched) => {
  const { url } = await started(() => ({
    body: Buffer.alloc(50_000),
    headers: { 'content-length': 50_000 },
  }));
  expect(await fetchImage(url, { ...rules, headOnly: true, maxAnnouncedBytes })).toMatchObject(fetched);
});

test('what a text holds is bytes too: whether it is an image, the bytes will tell', async () => {
  const { url } = await started(() => ({ body: '<html>', headers: { 'content-type': 'image/png' } }));
  expect(await fetchImage(url, rules)).toMatchObject({ kind: 'bytes', bytes: Buffer.from('<html>') });
});

describe('lost for good', () => {
  test.each([400, 401, 403, 404, 451, 204, 206, 304])(
    'status %i, after all further tries',
    async (status) => {
      const { url, seen } = await started(() => ({ status }));

      expect(await fetchImage(url, rules)).toMatchObject({ kind: 'lost', reason: 'gone', certain: false });
      expect(seen).toHaveLength(3);
    },
  );

  test('status 410, at once: the server itself says that it will never be otherwise', async () => {
    const { url, seen } = await started(() => ({ status: 410 }));

    expect(await fetchImage(url, rules)).toMatchObject({ kind: 'lost', reason: 'gone', certain: true });
    expect(seen).toHaveLength(1);
  });

  test('too large, at once', async () => {
    const { url, seen } = await started(() => ({ body: Buffer.alloc(10_001) }));

    expect(await fetchImage(url, rules)).toEqual({ kind: 'lost', reason: 'too_large' });
    expect(seen).toHaveLength(1);
  });

  test.each([
    ['http, which is not allowed', { allowHttp: false }],
    ['a range that is not allowed', { allowedRanges: [] }],
  ])('%s, without a request', async (_, own) => {
    const { url, seen } = await started(() => ({ body: picture }));

    expect(await fetchImage(url, { ...rules, ...own })).toEqual({
      kind: 'lost',
      reason: 'forbidden_address',
    });
    expect(seen).toEqual([]);
  });

  test('a name that leads to a forbidden address, without a request', async () => {
    const { url, seen } = await started(() => ({ body: picture }));
    const named = url.replace('127.0.0.1', 'localhost');

    const fetched = await fetchImage(named, { ...rules, allowedRanges: [] });

    expect(fetched).toEqual({ kind: 'lost', reason: 'forbidden_address' });
    expect(seen).toEqual([]);
  });

  test.each(['', 'fox.png', 'file:///etc/passwd', 'data:image/png;base64,AAAA'])(
    'no address: %o',
    async (url) => {
      expect(await fetchImage(url, rules)).toEqual({ kind: 'lost', reason: 'forbidden_address' });
    },
  );
});

describe('it passes', () => {
  test.each([202, 408, 425, 429, 500, 502, 503, 504])('status %i, then the image', async (status) => {
    const { url, seen } = await started((_, count) => (count < 3 ? { status } : { body: picture }));

    expect(await fetchImage(url, rules)).toMatchObject({ kind: 'bytes' });
    expect(seen).toHaveLength(3);
  });

  test('a new link that is slow to appear', async () => {
    const { url } = await started((_, count) => (count === 1 ? { status: 404 } : { body: picture }));
    expect(await fetchImage(url, rules)).toMatchObject({ kind: 'bytes' });
  });

  test('half an image, then the whole one', async () => {
    const { url } = await started((_, count) =>
      count === 1
        ? (response) => {
            response.writeHead(200, { 'content-length': picture.length });
            response.write(picture.subarray(0, 100), () => response.destroy());
          }
        : { body: picture },
    );
    expect(await fetchImage(url, rules)).toMatchObject({ kind: 'bytes', whole: true });
  });
});

// Regression: a host that encodes lost the image, or kept its task open until the dead letters.
describe('an encoded body', () => {
  const encoded = (body: Buffer, encoding: string) =>
    started(() => ({ body, headers: { 'content-encoding': encoding } }));

  test.each([
    ['gzip', gzipSync(picture)],
    ['x-gzip', gzipSync(picture)],
    ['GZIP', gzipSync(picture)],
    ['deflate', deflateSync(picture)],
    ['br', brotliCompressSync(picture)],
    ['zstd', zstdCompressSync(picture)],
    ['deflate, gzip', gzipSync(deflateSync(picture))],
    ['identity', picture],
  ])('%s is decoded', async (encoding, body) => {
    const { url } = await encoded(body, encoding);

    const fetched = await fetchImage(url, rules);

    expect(fetched).toMatchObject({ kind: 'bytes', whole: true });
    expect(fetched.kind === 'bytes' && fetched.bytes.equals(picture)).toBe(true);
  });

  test('that is not what it says it is comes as it is', async () => {
    const { url } = await encoded(picture, 'gzip');
    expect(await fetchImage(url, rules)).toMatchObject({ kind: 'bytes', bytes: picture, encoding: 'gzip' });
  });

  test('that was cut short gives what there is: the bytes will tell', async () => {
    const { url } = await encoded(gzipSync(painted('png')).subarray(0, -100), 'gzip');

    const fetched = await fetchImage(url, { ...rules, maxBytes: 100_000 });

    expect(fetched).toMatchObject({ kind: 'bytes', whole: true });
    expect(fetched.kind === 'bytes' && inspectImage(fetched.bytes)).toMatchObject({ truncated: true });
  });

  test.each(['compress', 'aes128gcm', 'gzip, compress', 'gzip, gzip, gzip, gzip', `x${'-'.repeat(200)}`])(
    '%s, which we cannot undo, comes as it is, and is named',
    async (encoding) => {
      const { url } = await encoded(picture, encoding);
      expect(await fetchImage(url, rules)).toEqual({
        kind: 'bytes',
        bytes: picture,
        whole: true,
        encoding: encoding.slice(0, 40),
      });
    },
  );

  const zeros = Buffer.alloc(50_000_000);
  test.each<[string, (bytes: Buffer) => Buffer]>([
    ['gzip', gzipSync],
    ['deflate', deflateSync],
    // Its best compression takes seconds, and what is compressed this badly is as large in the end.
    ['br', (bytes) => brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } })],
    ['zstd', zstdCompressSync],
  ])(
    'of %s that is larger than allowed once it is decoded is too large, and costs no memory',
    async (name, encode) => {
      const { url } = await encoded(encode(zeros), name);
      expect(await fetchImage(url, { ...rules, maxBytes: 100_000 })).toEqual({
        kind: 'lost',
        reason: 'too_large',
      });
    },
  );

  test('that was applied more than three times is not undone', async () => {
    const four = gzipSync(gzipSync(gzipSync(gzipSync(painted('png')))));
    const { url } = await encoded(four, 'gzip, gzip, gzip, gzip');
    expect(await fetchImage(url, rules)).toMatchObject({ bytes: four, encoding: 'gzip, gzip, gzip, gzip' });
  });

  test('of the head only is decoded as far as it came', async () => {
    const whole = painted('png', 400, 400);
    const { url } = await encoded(gzipSync(whole), 'gzip');
    const head = { ...rules, maxBytes: 5000, maxAnnouncedBytes: 10_000_000, headOnly: true };

    const fetched = await fetchImage(url, head);

    expect(fetched).toMatchObject({ kind: 'bytes', whole: false });
    const { length } = fetched.kind === 'bytes' ? fetched.bytes : Buffer.alloc(0);
    expect(length).toBeGreaterThan(1000);
    expect(length).toBeLessThanOrEqual(5000);
    expect(fetched.kind === 'bytes' && fetched.bytes.equals(whole.subarray(0, length))).toBe(true);
  });
});

describe('it may pass later, and is thrown', () => {
  test('an empty body', async () => {
    const { url, seen } = await started(() => ({ body: Buffer.alloc(0) }));

    expect((await unavailable(url)).message).toBe(`${new URL(url).host}: empty body`);

    expect(seen).toHaveLength(3);
  });

  test('a server that stays broken', async () => {
    const { url, seen } = await started(() => ({ status: 503 }));

    const error = await unavailable(`${url}/private/path?signature=secret`);

    expect(error).toBeInstanceOf(ImageUnavailable);
    expect(error.message).toBe(`${new URL(url).host}: status 503`);
    expect(seen).toHaveLength(3);
  });

  test('where nobody listens, with its cause', async () => {
    const error = await unavailable(await nobody());

    expect(error).toBeInstanceOf(ImageUnavailable);
    expect(error.message).toContain('ECONNREFUSED');
    expect(error.cause).toMatchObject({ code: 'ECONNREFUSED' });
  });

  test('a server that says nothing', async () => {
    const { url } = await started(() => () => undefined);
    expect((await unavailable(url, { timeoutMs: 30, pausesMs: [] })).message).toContain('TIMEOUT');
  });

  test('a server that says nothing is not waited for again: it has had its time', async () => {
    const { url, seen } = await started(() => () => undefined);
    await unavailable(url, { timeoutMs: 200, pausesMs: [1, 1] });
    expect(seen.length).toBeLessThanOrEqual(1);
  });

  test('a server that hangs up', async () => {
    const server = await serveRaw((socket) => socket.resetAndDestroy());
    open.push(server);
    expect(await unavailable(server.url)).toBeInstanceOf(ImageUnavailable);
  });

  test.each([503, 404])('a function that is about to be stopped tries no further: %i', async (status) => {
    const stop = new AbortController();
    const { url, seen } = await started(() => (response) => {
      response.writeHead(status).end(() => stop.abort());
    });
    const patient = { ...rules, pausesMs: [10_000_000] };

    await expect(fetchImage(url, patient, stop.signal)).rejects.toThrow(ImageUnavailable);
    expect(seen).toHaveLength(1);
  });
});

describe('a redirect', () => {
  const to = (location: string, status = 302): Answer => ({ status, headers: { location } });

  test.each([301, 302, 303, 307, 308])('of %i is followed', async (status) => {
    const { url, seen } = await started(({ path }) =>
      path === '/fox.png' ? { body: picture } : to('/fox.png', status),
    );

    expect(await fetchImage(`${url}/old`, rules)).toMatchObject({ kind: 'bytes' });
    expect(seen.map(({ path }) => path)).toEqual(['/old', '/fox.png']);
  });

  test.each([
    'http://169.254.169.254/latest/meta-data/',
    '//169.254.169.254/',
    'http://2852039166/',
    'http://[::ffff:a9fe:a9fe]/',
    'http://10.0.0.1/',
    'http://metadata.google.internal/',
    'file:///etc/passwd',
    'http://me:secret@example.com/',
  ])('to %s is forbidden, and final', async (location) => {
    const { url, seen } = await started(() => to(location));

    expect(await fetchImage(url, rules)).toEqual({ kind: 'lost', reason: 'forbidden_address' });
    expect(seen).toHaveLength(1);
  });

  test('from https down to http is forbidden where http is', async () => {
    const { url } = await started(() => to('http://example.com/fox.png'));
    expect(await fetchImage(url, { ...rules, allowHttp: false })).toMatchObject({
      reason: 'forbidden_address',
    });
  });

  test('in a circle ends, as gone', async () => {
    const { url, seen } = await started(() => to('/round'));

    expect(await fetchImage(url, { ...rules, pausesMs: [] })).toEqual({ kind: 'lost', reason: 'gone' });
    expect(seen).toHaveLength(4);
  });

  test('without a place to go is gone', async () => {
    const { url } = await started(() => ({ status: 302 }));
    expect(await fetchImage(url, { ...rules, pausesMs: [] })).toMatchObject({ kind: 'lost', reason: 'gone' });
  });
});
