/** What is EvoLink's own: its body, its estimate, its results (docs/providers.md, "EvoLink"). */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { evolink } from '../../../shared/providers/evolink.ts';
import { readReport } from '../../../shared/providers/registry.ts';
import { type Answer, type ScriptedServer, serve } from '../../support/server.ts';
import { sample } from './samples/evolink.ts';

const body = {
  model: 'wan2.5-text-to-image',
  prompt: '一只红狐',
  size: '1280x1280',
  n: 1,
  prompt_extend: true,
};
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
const provider = () => evolink.connect({ baseUrl: server.url, apiKey: 'our-key' });
const ask = { timeoutMs: 10_000 };

describe('a create', () => {
  test('is sent as documented, with our callback URL', async () => {
    answer = { json: sample.created };

    const created = await provider().create(body, callbackUrl, ask);

    expect(created).toEqual({
      kind: 'accepted',
      providerTaskId: sample.created.id,
      estimatedTime: 30,
      usage: sample.created.usage,
    });
    expect(JSON.parse(server.seen[0]!.body)).toEqual({ ...body, callback_url: callbackUrl });
  });

  test.each([
    ['a broken estimate', { id: 'p-1', task_info: { estimated_time: 'soon' } }],
    ['a data wrapper', { code: 0, data: { id: 'p-1' } }],
  ])('is accepted with %s', async (_, json) => {
    answer = { json };
    expect(await provider().create(body, callbackUrl, ask)).toEqual({
      kind: 'accepted',
      providerTaskId: 'p-1',
    });
  });
});

describe('its report', () => {
  const reportOf = (json: unknown) => readReport('evolink', JSON.stringify(json));
  const results = ['https://media.evolink.ai/1.png', 'https://files.evolink.ai/2.png'];
  const images = results.map((url) => ({ type: 'image', url }));

  test('of a completion, as documented', () => {
    expect(reportOf({ ...sample.created, status: 'completed', progress: 100, results })).toEqual({
      providerTaskId: sample.created.id,
      status: 'completed',
      progress: 100,
      content: images,
      usage: sample.created.usage,
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
      'with results that are no strings among them',
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

  test('of a failure without a type', () => {
    expect(
      reportOf({ id: 'p-1', status: 'failed', error: { code: 'service_error', message: 'No.' } }),
    ).toMatchObject({ status: 'failed', error: { code: 'service_error', type: 'task_error' } });
  });
});
