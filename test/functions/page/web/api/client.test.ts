/** Every answer, and none, is an outcome. */
import { expect, test } from 'vitest';
import { clientOf } from '../../../../../functions/page/web/api/client.ts';
import { aTask } from '../tasks.ts';

interface Asked {
  readonly path: string;
  readonly init: RequestInit;
}

function client(answer: () => Response) {
  const asked: Asked[] = [];
  const ask = async (path: string, init: RequestInit) => {
    asked.push({ path, init });
    return answer();
  };
  return { client: clientOf('whk_key', ask as unknown as typeof fetch), asked };
}

const json = (status: number, body: unknown, headers = {}) => Response.json(body, { status, headers });

test('a submission goes out with the key and its Idempotency-Key in headers, and nothing in the address', async () => {
  const task = aTask();
  const { client: asking, asked } = client(() => json(200, task));

  const submitted = await asking.submit('{"model":"m"}', 'once');

  expect(submitted).toEqual({ kind: 'task', task });
  expect(asked).toHaveLength(1);
  expect(asked[0]).toMatchObject({
    path: '/v1/images/generations',
    init: {
      method: 'POST',
      body: '{"model":"m"}',
      headers: { authorization: 'Bearer whk_key', 'idempotency-key': 'once' },
    },
  });
});

test('a refusal keeps the field that it is about', async () => {
  const error = { code: '001021016', message: 'parameters.size must …', type: 'x', param: 'parameters.size' };
  const { client: asking } = client(() => json(400, { error }));
  expect(await asking.submit('{}', 'k')).toEqual({ kind: 'refused', error });
});

test.each([
  [
    'an answer without a body',
    () => new Response(null, { status: 413 }),
    { code: '413', message: 'HTTP 413' },
  ],
  ['an answer of HTML', () => new Response('<h1>', { status: 404 }), { code: '404', message: 'HTTP 404' }],
])('%s is refused under its status', async (_, answer, error) => {
  const { client: asking } = client(answer);
  expect(await asking.submit('{}', 'k')).toEqual({ kind: 'refused', error });
});

test.each([
  ['401', () => json(401, { error: {} }), { kind: 'unauthorized' }],
  [
    '503 with Retry-After',
    () => json(503, {}, { 'retry-after': '7' }),
    { kind: 'busy', retryAfterSeconds: 7 },
  ],
  ['503 without', () => json(503, {}), { kind: 'busy', retryAfterSeconds: 5 }],
  ['429', () => json(429, {}, { 'retry-after': 'soon' }), { kind: 'busy', retryAfterSeconds: 5 }],
  ['500', () => json(500, {}), { kind: 'unreachable' }],
  [
    'a broken connection',
    () => {
      throw new TypeError('Failed to fetch');
    },
    { kind: 'unreachable' },
  ],
])('%s is an outcome, for a submission and for the list', async (_, answer, outcome) => {
  const { client: asking } = client(answer);
  expect(await asking.submit('{}', 'k')).toEqual(outcome);
  expect(await asking.list()).toEqual(outcome);
});

test('the list is asked for twenty, and later only for what changed', async () => {
  const data = [aTask()];
  const first = client(() => json(200, { data }, { etag: '"1"' }));
  expect(await first.client.list()).toEqual({ kind: 'tasks', tasks: data, etag: '"1"' });
  expect(first.asked[0]?.path).toBe('/v1/tasks?limit=20');
  expect(first.asked[0]?.init.headers).not.toHaveProperty('if-none-match');

  const second = client(() => new Response(null, { status: 304 }));
  expect(await second.client.list('"1"')).toEqual({ kind: 'unchanged' });
  expect(second.asked[0]?.init.headers).toMatchObject({ 'if-none-match': '"1"' });
});

test('a list without an ETag is a list', async () => {
  const { client: asking } = client(() => json(200, { data: [] }));
  expect(await asking.list()).toEqual({ kind: 'tasks', tasks: [], etag: undefined });
});

test('an answer that is no list is none', async () => {
  const { client: asking } = client(() => json(200, { page: 'of a proxy' }));
  expect(await asking.list()).toEqual({ kind: 'unreachable' });
});
