/** Vtrix: what is sent, what each answer means, and every spelling of its reports (docs/providers.md, "Vtrix"). */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { readReport } from '../../../shared/providers/registry.ts';
import { vtrix } from '../../../shared/providers/vtrix.ts';
import { accepted, edit, preview } from '../../support/requests.ts';
import { type Answer, type ScriptedServer, serve } from '../../support/server.ts';

const callbackUrl = 'https://api.example.com/v1/callbacks/task_1/signature';
let server: ScriptedServer;
let answer: Answer;
beforeAll(async () => {
  server = await serve(() => answer);
});
afterAll(() => server.close());
beforeEach(() => {
  server.seen.splice(0);
});
const provider = () => vtrix.connect({ baseUrl: server.url, apiKey: 'our-key' });
const ask = { timeoutMs: 10_000 };
const { body } = accepted({
  ...preview(),
  callback_url: 'https://hooks.example.com/',
  metadata: { order: '42' },
});

describe('a create', () => {
  test('is sent as documented, and nothing of a callback', async () => {
    answer = { json: { id: 'v-1', status: 'in_progress', usage: { cost: '0.03' } } };

    const created = await provider().create(body, callbackUrl, ask);

    expect(created).toEqual({ kind: 'accepted', providerTaskId: 'v-1', usage: { cost: '0.03' } });
    const [request] = server.seen;
    expect(request).toMatchObject({ method: 'POST', path: '/model/v1/generation' });
    expect(request?.headers).toMatchObject({
      authorization: 'Bearer our-key',
      'content-type': 'application/json',
    });
    expect(JSON.parse(request!.body)).toEqual(body);
    expect(`${request?.body}${JSON.stringify(request?.headers)}`).not.toMatch(/callback|hooks|order/);
  });

  test('of mixed content keeps its order and its characters', async () => {
    answer = { json: { id: 'v-1' } };
    const content = [{ image: 'https://x.example.com/1.png' }, { text: '把🦊变成蓝色' }];

    await provider().create(accepted(edit({}, content)).body, callbackUrl, ask);

    expect(JSON.parse(server.seen[0]!.body).input.messages).toEqual([{ role: 'user', content }]);
  });

  test.each([
    ['a task that is completed at once', { id: 'v-1', status: 'completed', output: [] }],
    ['a task that has failed at once', { id: 'v-1', status: 'failed', error: 'no' }],
    ['a task under data', { data: { id: 'v-1', status: 'in_queue' }, status: { code: 200 } }],
  ])('is accepted with %s', async (_, json) => {
    answer = { json };
    expect(await provider().create(body, callbackUrl, ask)).toMatchObject({
      kind: 'accepted',
      providerTaskId: 'v-1',
    });
  });

  test.each([
    [
      'an object',
      { id: '', error: { code: '001021016', message: 'too small' } },
      400,
      '001021016',
      'too small',
    ],
    ['a plain string', { id: '', error: 'no balance' }, 502, 'unknown_error', 'no balance'],
    ['an integer', { id: '', error: 1001 }, 502, '1001', 'The provider gave no reason'],
    ['an integer code', { error: { code: 1001, message: 'x' } }, 502, '1001', 'x'],
    ['error_message', { id: '', error_message: 'no' }, 502, 'unknown_error', 'no'],
    [
      'a failure without an error',
      { id: '', status: 'failed' },
      502,
      'unknown_error',
      'The provider gave no reason',
    ],
    [
      'an error about the parameters',
      { error: { code: 'invalid_size', message: 'x' } },
      400,
      'invalid_size',
      'x',
    ],
    ['the creation error', { error: { code: '001021099', message: 'x' } }, 502, '001021099', 'x'],
  ])('without an id and with an error as %s is refused', async (_, json, status, code, message) => {
    answer = { json };
    expect(await provider().create(body, callbackUrl, ask)).toMatchObject({
      kind: 'refused',
      status,
      error: { code, message },
    });
  });
});

describe('its report', () => {
  const reportOf = (own: object) =>
    readReport('vtrix', JSON.stringify({ id: 'v-1', status: 'completed', ...own }));
  const url = 'https://cdn.vtrix.ai/1.png';

  test.each([
    ['in_progress', 'processing'],
    ['processing', 'processing'],
    ['pending', 'pending'],
    ['completed', 'completed'],
    ['failed', 'failed'],
    ['in_queue', 'pending'],
    ['success', 'completed'],
  ])('%s means %s', (status, meaning) => {
    expect(reportOf({ status })?.status).toBe(meaning);
  });

  test.each([
    [0, 0],
    [0.25, 25],
    [0.999, 100],
    [100, 100],
    [250, 100],
    [-1, 0],
    ['0.5', 0],
    [undefined, 0],
  ])('progress %o is %i per cent', (progress, percent) => {
    expect(reportOf({ status: 'in_progress', progress })?.progress).toBe(percent);
  });

  test('holds texts and images in their order, over all entries', () => {
    const output = [
      {
        content: [
          { type: 'text', text: '从前' },
          { type: 'image', url, jobId: 'j1' },
        ],
      },
      {
        content: [
          { type: 'text', text: 'The end' },
          { type: 'picture', url: `${url}?2` },
        ],
      },
    ];
    expect(reportOf({ output })).toHaveProperty('content', [
      { type: 'text', text: '从前' },
      { type: 'image', url },
      { type: 'text', text: 'The end' },
      { type: 'image', url: `${url}?2` },
    ]);
  });

  test.each([
    ['an object for the list', { content: [{ type: 'image', url }] }],
    ['one item for its list', [{ content: { url } }]],
    [
      'items that hold nothing',
      [{ content: [null, 7, {}, { type: 'image', url: '' }, { type: 'image', url }, { text: '' }] }],
    ],
    ['items without a list around them', [{ type: 'image', url, jobId: 'j1' }]],
    ['entries that hold nothing', [null, {}, 'x', { content: null }, { content: [{ url }] }]],
  ])('survives %s', (_, output) => {
    expect(reportOf({ output })).toHaveProperty('content', [{ type: 'image', url }]);
  });

  test.each([undefined, null, 'x', 7, [], {}])('without output: %o', (output) => {
    expect(reportOf({ output })).toMatchObject({ content: [] });
  });

  test('is found under data, beside a status that is an object', () => {
    const data = { id: 'v-3', status: 'success', output: [{ type: 'image', url }] };
    const report = readReport('vtrix', JSON.stringify({ data, status: { code: 200, message: 'success' } }));
    expect(report).toMatchObject({ providerTaskId: 'v-3', content: [{ type: 'image', url }] });
  });

  test('task_id stands for id, and usage is as reported', () => {
    const usage = { cost: '0.03', discount: 0, image_count: 1 };
    const report = readReport('vtrix', JSON.stringify({ task_id: 'v-2', status: 'completed', usage }));
    expect(report).toMatchObject({ providerTaskId: 'v-2', usage });
  });

  test.each([
    ['an object', { error: { code: '001021095', message: 'internal' } }, '001021095', 'internal'],
    ['a plain string', { error: 'internal' }, 'unknown_error', 'internal'],
    ['an integer code', { error: { code: 500, message: 'internal' } }, '500', 'internal'],
    ['an integer', { error: 500 }, '500', 'The provider gave no reason'],
    ['error_message', { error_message: 'internal' }, 'unknown_error', 'internal'],
    ['nothing', {}, 'unknown_error', 'The provider gave no reason'],
  ])('of a failure with an error as %s', (_, own, code, message) => {
    expect(reportOf({ status: 'failed', ...own })).toMatchObject({
      error: { code, message, type: 'task_error' },
    });
  });
});
