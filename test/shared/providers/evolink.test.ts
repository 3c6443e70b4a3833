/** EvoLink: what is sent, what each documented answer means, and every spelling of its word (providers, "EvoLink"). */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { evolink } from '../../../shared/providers/evolink.ts';
import { endings, readEndings } from '../../support/provider-endings.ts';
import { type Answer, nobody, type ScriptedServer, serve } from '../../support/server.ts';

const body = {
  model: 'wan2.5-text-to-image',
  prompt: '一只红狐',
  size: '1280x1280',
  n: 1,
  prompt_extend: true,
};
const callbackUrl = 'https://api.example.com/v1/callbacks/task_1/signature';
const documented = {
  ...{
    created: 1757156493,
    id: 'task-unified-1757156493-imcg5zqt',
    model: 'wan2.5-text-to-image',
    type: 'image',
  },
  ...{ object: 'image.generation.task', progress: 0, status: 'pending' },
  task_info: { can_cancel: true, estimated_time: 30 },
  usage: { billing_rule: 'per_call', credits_reserved: 1.2, user_group: 'default' },
};

let server: ScriptedServer;
let answer: Answer;
beforeAll(async () => {
  server = await serve(() => answer);
});
afterAll(() => server.close());
beforeEach(() => {
  server.seen.splice(0);
});
const provider = () => evolink.connect({ baseUrl: server.url, apiKey: 'our-key' });
const ask = { timeoutMs: 10_000 };
/** Only silence is waited for to its end. */
const askFor = (what: string) => (what === 'silence' ? { timeoutMs: 1000 } : ask);

describe('a create', () => {
  test('is sent as documented, with our callback URL', async () => {
    answer = { json: documented };

    const created = await provider().create(body, callbackUrl, ask);

    expect(created).toEqual({
      ...{ kind: 'accepted', providerTaskId: documented.id, estimatedTime: 30, usage: documented.usage },
    });
    const [request] = server.seen;
    expect(request).toMatchObject({ method: 'POST', path: '/v1/images/generations' });
    expect(request?.headers).toMatchObject({
      authorization: 'Bearer our-key',
      'content-type': 'application/json',
    });
    expect(JSON.parse(request!.body)).toEqual({ ...body, callback_url: callbackUrl });
  });

  test.each([
    ['only an id', { id: 'p-1' }],
    ['task_id for id', { task_id: 'p-1' }],
    ['a broken estimate', { id: 'p-1', task_info: { estimated_time: 'soon' } }],
    ['status 201', { id: 'p-1' }, 201],
    ['status 202', { id: 'p-1' }, 202],
    ['a data wrapper', { code: 0, data: { id: 'p-1' } }],
  ])('is accepted with %s', async (_, json, status = 200) => {
    answer = { json, status };
    expect(await provider().create(body, callbackUrl, ask)).toEqual({
      kind: 'accepted',
      providerTaskId: 'p-1',
    });
  });

  test.each(endings)('that ends with %s', async (what, given, created) => {
    answer = given;
    expect(await provider().create(body, callbackUrl, askFor(what))).toMatchObject(created);
    expect(server.seen).toHaveLength(1);
  });

  test('a number is an id too, in the create and in the callback', async () => {
    answer = { json: { id: 12345 } };

    expect(await provider().create(body, callbackUrl, ask)).toMatchObject({ providerTaskId: '12345' });
    expect(evolink.report('{"id":12345,"status":"failed"}')).toMatchObject({ providerTaskId: '12345' });
  });

  test('our key does not come back in the provider’s words', async () => {
    answer = { status: 400, json: { error: { code: 'bad our-key', message: 'bad key our-key given' } } };

    const created = await provider().create(body, callbackUrl, ask);

    expect(created).toMatchObject({ kind: 'refused', error: { code: 'bad …', message: 'bad key … given' } });
  });

  test('where nobody listens certainly created nothing', async () => {
    const gone = evolink.connect({ baseUrl: await nobody(), apiKey: 'our-key' });
    expect(await gone.create(body, callbackUrl, ask)).toEqual({ kind: 'busy', why: 'ECONNREFUSED' });
  });

  test.each([401, 403])('refused with %i tells the caller nothing of our key', async (status) => {
    answer = { status, json: { error: { code: 'unauthorized', message: 'Bad key our-key' } } };
    const created = await provider().create(body, callbackUrl, ask);
    expect(created).toMatchObject({ kind: 'refused', error: { code: 'provider_unauthorized' } });
    expect(JSON.stringify(created)).not.toContain('our-key');
  });
});

describe('a read', () => {
  test('asks for the task, its id made safe, and brings the very text', async () => {
    const json = {
      id: 'p/1',
      status: 'completed',
      results: ['https://media.evolink.ai/1.png'],
      progress: 100,
    };
    answer = { json };

    const read = await provider().read('p/1', ask);

    expect(server.seen[0]).toMatchObject({ method: 'GET', path: '/v1/tasks/p%2F1', body: '' });
    expect(server.seen[0]?.headers.authorization).toBe('Bearer our-key');
    expect(read).toMatchObject({
      kind: 'report',
      body: Buffer.from(JSON.stringify(json)),
      report: { status: 'completed' },
    });
  });

  test.each(readEndings)('that ends with %s', async (what, given, kind) => {
    answer = given;
    expect((await provider().read('p-1', askFor(what))).kind).toBe(kind);
  });
});

describe('its word', () => {
  const reportOf = (json: unknown) => evolink.report(JSON.stringify(json));
  const results = ['https://media.evolink.ai/1.png', 'https://files.evolink.ai/2.png'];
  const images = results.map((url) => ({ type: 'image', url }));

  test('of a completion, as documented', () => {
    expect(reportOf({ ...documented, status: 'completed', progress: 100, results })).toEqual({
      ...{ providerTaskId: documented.id, status: 'completed', progress: 100, content: images },
      usage: documented.usage,
    });
  });

  test.each([
    ['in a data wrapper', { code: 200, data: { id: 'p-1', status: 'completed', results } }],
    ['with task_id for id', { task_id: 'p-1', status: 'completed', results }],
    ['as success', { id: 'p-1', status: 'success', results }],
    ['as succeeded', { id: 'p-1', status: 'succeeded', results }],
    ['in capitals', { id: 'p-1', status: 'COMPLETED', results }],
    ['beside an empty data', { id: 'p-1', status: 'completed', results, data: {} }],
    [
      'with results that are no texts among them',
      { id: 'p-1', status: 'completed', results: [null, ...results, 7, {}] },
    ],
  ])('of a completion, %s', (_, json) => {
    expect(reportOf(json)).toMatchObject({ providerTaskId: 'p-1', status: 'completed', content: images });
  });

  test.each([{}, { results: null }, { results: 'https://x.example.com/' }, { results: [] }])(
    'of a completion without results: %o',
    (own) => {
      expect(reportOf({ id: 'p-1', status: 'completed', ...own })).toMatchObject({
        content: [],
        progress: 0,
      });
    },
  );

  test.each([
    [
      'as documented',
      { error: { code: 'content_policy_violation', message: 'No.', type: 'task_error' } },
      'content_policy_violation',
    ],
    ['without a type', { error: { code: 'service_error', message: 'No.' } }, 'service_error'],
    ['without any error', {}, 'unknown_error'],
  ])('of a failure, %s', (_, own, code) => {
    expect(reportOf({ id: 'p-1', status: 'failed', ...own })).toMatchObject({
      ...{ status: 'failed', error: { code, type: 'task_error' } },
    });
  });

  test.each([
    { status: 'cancelled' },
    { status: 'canceled' },
    { status: 'failed', error: { code: 'request_cancelled', message: 'x', type: 'task_error' } },
  ])('of a cancellation: %o', (own) => {
    expect(reportOf({ id: 'p-1', ...own })).toMatchObject({
      status: 'failed',
      error: { code: 'request_cancelled' },
    });
  });

  test.each([
    '',
    'null',
    '[]',
    '7',
    '"completed"',
    '{',
    '{"id":"p-1"}',
    '{"status":"completed"}',
    '{"id":{},"status":"completed"}',
  ])('is none: %s', (text) => {
    expect(evolink.report(text)).toBeUndefined();
  });
});
