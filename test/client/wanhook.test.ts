/** The client's methods against a server that writes down what it is asked; the whole API is in test/system/client.test.ts. */
import { inspect } from 'node:util';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type ImageRequest, Wanhook, type WanhookOptions } from '../../client/index.ts';
import { type Answer, type Seen, serve } from '../support/server.ts';

const REQUEST: ImageRequest = { model: 'wan2.5-text-to-image', prompt: 'a red boat 一只红色的小船' };

async function connected(answer: (seen: Seen, count: number) => Answer, more: Partial<WanhookOptions> = {}) {
  const server = await serve(answer);
  onTestFinished(() => server.close());
  return { server, wanhook: new Wanhook({ baseUrl: server.url, apiKey: 'whk_key', ...more }) };
}

const page = (ids: readonly string[], next_cursor: string | null = null): Answer => ({
  json: { object: 'list', data: ids.map((id) => ({ id })), next_cursor },
});

describe('usage', () => {
  const usagePage = (days: readonly string[], next_cursor: string | null = null): Answer => ({
    json: { object: 'list', data: days.map((day) => ({ day })), next_cursor },
  });

  test('goes on from page to page, with the same parameters', async () => {
    const { server, wanhook } = await connected((_, count) =>
      count === 1 ? usagePage(['2026-11-01'], 'next') : usagePage(['2026-11-02']),
    );

    const days: string[] = [];
    for await (const { day } of wanhook.usage({ from: '2026-11-01', group_by: 'metadata.team' }))
      days.push(day);

    expect(days).toEqual(['2026-11-01', '2026-11-02']);
    expect(server.seen.map(({ path }) => path)).toEqual([
      '/v1/usage?from=2026-11-01&group_by=metadata.team',
      '/v1/usage?from=2026-11-01&group_by=metadata.team&cursor=next',
    ]);
  });

  test('is asked for without parameters; a page that is its own next one ends it', async () => {
    const { server, wanhook } = await connected(() => usagePage([], 'a'));

    const reading = (async () => {
      for await (const _ of wanhook.usage().pages()) await undefined;
    })();

    await expect(reading).rejects.toThrow('A page of usage has itself as its next page');
    expect(server.seen[0]?.path).toBe('/v1/usage');
  });
});

describe('submit', () => {
  test('makes an idempotency key for each call, the same in all its tries', async () => {
    const { server, wanhook } = await connected((_, count) =>
      count === 1 ? { status: 503, headers: { 'retry-after': '0' } } : { json: { id: 'task_1' } },
    );

    const task = await wanhook.submit(REQUEST);
    await wanhook.submit(REQUEST);

    const [first, again, other] = server.seen.map(({ headers }) => headers['idempotency-key']);
    expect(task).toEqual({ id: 'task_1' });
    expect(first).toMatch(/^[\da-f-]{36}$/);
    expect(again).toBe(first);
    expect(other).not.toBe(first);
    expect(JSON.parse(server.seen[0]!.body)).toEqual(REQUEST);
  });

  test('an error names the key, so that a later try is as safe', async () => {
    const { server, wanhook } = await connected(() => ({ status: 500 }), { maxRetries: 0 });

    const error = await wanhook.submit(REQUEST).catch((thrown: unknown) => thrown);

    expect(error).toMatchObject({ status: 500, idempotencyKey: server.seen[0]!.headers['idempotency-key'] });
  });

  test('sends the caller’s own key', async () => {
    const { server, wanhook } = await connected(() => ({ json: {} }));

    await wanhook.submit(REQUEST, { idempotencyKey: 'order 42/1' });

    expect(server.seen[0]!.headers['idempotency-key']).toBe('order 42/1');
  });

  test.each(['', ' ', ' a', 'a ', 'ключ', 'a\nb', 'x'.repeat(256)])(
    'refuses the key %j before anything is sent',
    async (key) => {
      const { server, wanhook } = await connected(() => ({ json: {} }));

      await expect(async () => wanhook.submit(REQUEST, { idempotencyKey: key })).rejects.toThrow(
        'idempotencyKey must be a string of 1 to 255 visible ASCII characters',
      );
      expect(server.seen).toEqual([]);
    },
  );
});

describe('list', () => {
  test('goes through all pages, also an empty one, with the same filters', async () => {
    const pages: Record<string, Answer> = {
      '': page(['a', 'b'], 'one+/='),
      'one+/=': page([], 'two'),
      two: page(['c']),
    };
    const { server, wanhook } = await connected(({ path }) => {
      const cursor = new URL(path, 'http://any').searchParams.get('cursor') ?? '';
      return pages[cursor]!;
    });

    const ids = [];
    const query = {
      status: 'failed',
      model: 'wan26_i2i',
      limit: 2,
      created_after: new Date('2026-11-24T12:00:00.999Z'),
      created_before: '2026-11-25',
      metadata: { order: '4+2', 'a b': '' },
    } as const;
    for await (const { id } of wanhook.list(query)) ids.push(id);

    expect(ids).toEqual(['a', 'b', 'c']);
    for (const { path } of server.seen) {
      const { cursor: _, ...asked } = Object.fromEntries(new URL(path, 'http://any').searchParams);
      expect(asked).toEqual({
        status: 'failed',
        model: 'wan26_i2i',
        limit: '2',
        created_after: '2026-11-24T12:00:00.999Z',
        created_before: '2026-11-25',
        'metadata[order]': '4+2',
        'metadata[a b]': '',
      });
    }
  });

  test('reads no page before it is asked for', async () => {
    const { server, wanhook } = await connected((_, count) => page([`task ${count}`], `after-${count}`));

    for await (const { id } of wanhook.list()) if (id === 'task 2') break;

    expect(server.seen.map(({ path }) => path)).toEqual(['/v1/tasks', '/v1/tasks?cursor=after-1']);
  });

  test('pages have a cursor, and a later list goes on after it', async () => {
    const { server, wanhook } = await connected((_, count) => page(['a'], count === 1 ? 'kept' : null));

    for await (const { next_cursor } of wanhook.list({ limit: 1 }).pages()) {
      expect(next_cursor).toBe('kept');
      break;
    }
    for await (const { data } of wanhook.list({ cursor: 'kept' }).pages())
      expect(data).toEqual([{ id: 'a' }]);

    expect(server.seen.map(({ path }) => path)).toEqual(['/v1/tasks?limit=1', '/v1/tasks?cursor=kept']);
  });

  test('a cursor that leads back to itself ends with an error, not never', async () => {
    const { server, wanhook } = await connected(() => page(['a'], 'same'));

    await expect(async () => {
      for await (const _ of wanhook.list());
    }).rejects.toMatchObject({ name: 'ServerError', code: 'invalid_answer' });
    expect(server.seen).toHaveLength(2);
  });

  test('refuses an invalid date', async () => {
    const { wanhook } = await connected(() => page([]));

    await expect(
      wanhook
        .list({ created_after: new Date('no') })
        .pages()
        .next(),
    ).rejects.toThrow('created_after must be a valid date');
  });
});

test('each method asks for its route', async () => {
  const { server, wanhook } = await connected(({ path }) =>
    path.endsWith('/deliveries')
      ? { json: { object: 'list', data: [{ attempt: 1 }] } }
      : { json: { id: 'x' } },
  );

  await wanhook.get('task_1');
  await wanhook.get('../keys?a=b');
  expect(await wanhook.deliveries('task_1')).toEqual([{ attempt: 1 }]);
  await wanhook.redeliver('task_1');
  await wanhook.testWebhook('https://receiver.example.com/hook');

  expect(server.seen.map(({ method, path, body }) => `${method} ${path} ${body}`.trim())).toEqual([
    'GET /v1/tasks/task_1',
    'GET /v1/tasks/..%2Fkeys%3Fa%3Db',
    'GET /v1/tasks/task_1/deliveries',
    'POST /v1/tasks/task_1/redeliver',
    'POST /v1/webhooks/test {"url":"https://receiver.example.com/hook"}',
  ]);
});

test('a sample is never sent twice, a redelivery may be', async () => {
  const { server, wanhook } = await connected(() => ({ status: 503 }), { maxRetries: 1 });

  await expect(wanhook.testWebhook('https://receiver.example.com')).rejects.toMatchObject({ status: 503 });
  await expect(wanhook.redeliver('task_1')).rejects.toMatchObject({ status: 503 });

  expect(server.seen.map(({ path }) => path)).toEqual([
    '/v1/webhooks/test',
    '/v1/tasks/task_1/redeliver',
    '/v1/tasks/task_1/redeliver',
  ]);
});

test('a signal ends a call while it waits to try again', async () => {
  const controller = new AbortController();
  const { server, wanhook } = await connected(() => {
    setTimeout(() => controller.abort(new Error('enough')), 50);
    return { status: 503, headers: { 'retry-after': '60' } };
  });

  await expect(wanhook.submit(REQUEST, { signal: controller.signal })).rejects.toThrow('enough');
  expect(server.seen).toHaveLength(1);
});

describe('options', () => {
  const valid = { baseUrl: 'https://api.example.com', apiKey: 'whk_key' };

  test.each([
    'https://api.example.com/',
    'https://api.example.com/stage',
    'http://127.0.0.1:8787',
    'http://[::1]:8787',
    'http://localhost:8787/',
    'http://761629c3.execute-api.localhost:4600',
  ])('%s is an address to call', (baseUrl) => {
    expect(() => new Wanhook({ ...valid, baseUrl })).not.toThrow();
  });

  test.each([
    '',
    'api.example.com',
    'http://api.example.com',
    'http://127.0.0.1.example.com',
    'ftp://api.example.com',
    'https://user@api.example.com',
    'https://:word@api.example.com',
    'https://api.example.com?stage=1',
    'https://api.example.com#here',
  ])('%j is none: the key would be sent in the clear, or elsewhere', (baseUrl) => {
    expect(() => new Wanhook({ ...valid, baseUrl })).toThrow('baseUrl must be an https URL');
  });

  test('a slash at the end of the address is none too much', async () => {
    const server = await serve(() => ({ json: {} }));
    onTestFinished(() => server.close());

    await new Wanhook({ baseUrl: `${server.url}/stage//`, apiKey: 'whk_key' }).get('task_1');

    expect(server.seen[0]!.path).toBe('/stage/v1/tasks/task_1');
  });

  test.each(['', 'whk_key\n', 'whk key ', undefined])('the key %j is refused, and not quoted', (apiKey) => {
    const make = () => new Wanhook({ ...valid, apiKey: apiKey as string });

    expect(make).toThrow(new TypeError('apiKey must be a string of 1 to 4096 visible ASCII characters'));
  });

  test.each([
    [{ timeoutMs: 0 }, 'timeoutMs must be an integer of at least 1'],
    [{ timeoutMs: Number.NaN }, 'timeoutMs must be an integer of at least 1'],
    [{ maxRetries: -1 }, 'maxRetries must be an integer of at least 0'],
    [{ maxRetries: 1.5 }, 'maxRetries must be an integer of at least 0'],
  ])('%j is refused', (wrong, message) => {
    expect(() => new Wanhook({ ...valid, ...wrong })).toThrow(message);
  });

  test('a fetch of one’s own is used', async () => {
    const asked: string[] = [];
    const wanhook = new Wanhook({
      ...valid,
      fetch: async (input) => {
        asked.push(String(input));
        return Response.json({ id: 'task_1' });
      },
    });

    await wanhook.get('task_1');

    expect(asked).toEqual(['https://api.example.com/v1/tasks/task_1']);
  });

  test('a client shows its key to nobody', () => {
    const wanhook = new Wanhook({ ...valid, apiKey: 'whk_very_secret' });

    expect(`${inspect(wanhook, { depth: 9, showHidden: true })} ${JSON.stringify(wanhook)}`).not.toContain(
      'secret',
    );
  });
});
