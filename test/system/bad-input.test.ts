/** Bad input: a clear error in the documented shape, no record, no provider call, nothing charged. */
import { beforeEach, describe, expect, test } from 'vitest';
import { newKey } from '../../infra/operations/api-keys.ts';
import { eventually } from '../support/eventually.ts';
import { type ProblemAnswer, startSystem, textToImage } from './system.ts';

const system = await startSystem();

const edit = (more: object) => ({ model: 'wan2.5-image-to-image', prompt: 'edit', ...more });
const picture = 'https://images.example.com/one.png';

beforeEach(() => system.evolink.clearCalls());

/** Refused with 400, and nothing has happened anywhere. */
async function expectRefused(body: unknown, param: string, allowed: RegExp): Promise<void> {
  const answer = await system.submit<ProblemAnswer>(body);

  expect(answer).toMatchObject({
    status: 400,
    body: { error: { code: 'invalid_parameters', type: 'invalid_request_error', param } },
  });
  expect(answer.body.error.message).toMatch(allowed);
  expect(await system.records()).toEqual([]);
  expect((await system.evolink.calls()).requests).toEqual([]);
}

test.each<[string, unknown, string, RegExp]>([
  ['an unknown model', { model: 'wan9', prompt: 'x' }, 'model', /wan2\.5-text-to-image/],
  ['no model', { prompt: 'x' }, 'model', /wan2\.5-text-to-image/],
  ['a missing prompt', { model: 'wan2.5-text-to-image' }, 'prompt', /1 to 2000/],
  ['an empty prompt', textToImage(''), 'prompt', /1 to 2000/],
  ['2001 characters', textToImage('字'.repeat(2001)), 'prompt', /1 to 2000/],
  ['the other separator', textToImage('x', { size: '1280*1280' }), 'size', /1280x1280/],
  ['no size at all', textToImage('x', { size: '0x0' }), 'size', /589824 to 2073600/],
  ['a line', textToImage('x', { size: '99999x1' }), 'size', /589824 to 2073600/],
  ['too few pixels', textToImage('x', { size: '767x768' }), 'size', /589824 to 2073600/],
  ['too many pixels', textToImage('x', { size: '1441x1440' }), 'size', /589824 to 2073600/],
  ['too long a side', textToImage('x', { size: '1601x400' }), 'size', /from 1:4 to 4:1/],
  ['n of 0', textToImage('x', { n: 0 }), 'n', /integer from 1 to 4/],
  ['n of 5', textToImage('x', { n: 5 }), 'n', /integer from 1 to 4/],
  ['n of 1.5', textToImage('x', { n: 1.5 }), 'n', /integer from 1 to 4/],
  ['n as a text', textToImage('x', { n: '2' }), 'n', /integer from 1 to 4/],
  ['an unknown field', textToImage('x', { style: 'anime' }), 'style', /not a parameter/],
  ['a list', [1, 2], 'body', /JSON object/],
  ['wrong JSON', '{"model":', 'body', /JSON object/],
  ['no body', undefined, 'body', /JSON object/],
  ['a body over the limit', textToImage('x'.repeat(6_000_001)), 'body', /6000000 bytes/],
  [
    'a callback over http',
    textToImage('x', { callback_url: 'http://a.example.com/' }),
    'callback_url',
    /https/,
  ],
  ['a callback to us', textToImage('x', { callback_url: 'https://127.0.0.1/' }), 'callback_url', /internal/],
  [
    'a callback to metadata',
    textToImage('x', { callback_url: 'https://169.254.169.254/' }),
    'callback_url',
    /internal/,
  ],
  [
    'a private callback',
    textToImage('x', { callback_url: 'https://10.1.2.3/h' }),
    'callback_url',
    /internal/,
  ],
  [
    'a callback of 2049 characters',
    textToImage('x', { callback_url: `https://a.example.com/${'x'.repeat(2027)}` }),
    'callback_url',
    /2048/,
  ],
  [
    '17 pairs of metadata',
    textToImage('x', { metadata: Object.fromEntries(Array.from({ length: 17 }, (_, i) => [i, ''])) }),
    'metadata',
    /16 pairs/,
  ],
  ['three images', edit({ image_urls: [picture, picture, picture] }), 'image_urls', /1 to 2/],
  ['no image', edit({ image_urls: [] }), 'image_urls', /1 to 2/],
  [
    'an image with credentials',
    edit({ image_urls: ['https://me:secret@example.com/a.png'] }),
    'image_urls[0]',
    /user name/,
  ],
  [
    'an internal image',
    edit({ image_urls: [picture, 'http://169.254.169.254/a.png'] }),
    'image_urls[1]',
    /internal/,
  ],
  ['a lone surrogate', textToImage('a\ud83d'), 'prompt', /a lone surrogate/],
  [
    'a lone surrogate in metadata',
    textToImage('x', { metadata: { a: '\ud83d' } }),
    'metadata',
    /a lone surrogate/,
  ],
  [
    'a metadata key __proto__',
    '{"model":"wan2.5-text-to-image","prompt":"x","metadata":{"__proto__":"y"}}',
    'metadata',
    /__proto__/,
  ],
])('%s', (_what, body, param, allowed) => expectRefused(body, param, allowed));

test('metadata may have any other name', async () => {
  const metadata = { constructor: 'y', toString: 'z' };

  const { status, body } = await system.submit(textToImage('odd names', { metadata }));

  expect(status).toBe(200);
  expect((await system.ended(body.id)).metadata).toEqual(metadata);
});

test('2000 Chinese characters are fine', async () => {
  const { status, body } = await system.submit(textToImage('字'.repeat(2000)));

  expect(status).toBe(200);
  await system.ended(body.id);
});

test.each([
  ['a missing key', '', 'no key'],
  ['another scheme', 'Basic abc', 'no key'],
  ['an empty key', 'Bearer ', 'no key'],
  ['a mistyped key', 'Bearer whk_mistyped', 'malformed key'],
  ['an unknown key', `Bearer ${newKey()}`, 'unknown key'],
])('%s is 401 in the documented shape, and the log says what it was', async (_what, authorization, words) => {
  const answer = await system.submit<ProblemAnswer>(textToImage('x'), { authorization });

  expect(answer).toMatchObject({
    status: 401,
    body: { error: { code: 'unauthorized', type: 'authentication_error' } },
  });
  await eventually(async () => system.log.find((line) => line.includes(`"${words}"`)), `the line ${words}`);
});

test.each([
  ['GET', '/v1/images/generations'],
  ['POST', '/v1/tasks'],
  ['GET', '/v2/tasks'],
  ['GET', '/v1/callbacks/task_x/y'],
])('%s %s is not found, as API Gateway says it', async (method, path) => {
  const answer = await system.call<{ message: string }>(method, path);

  expect(answer).toMatchObject({ status: 404, body: { message: 'Not Found' } });
});

test('a body over the gateway’s own limit is 413', async () => {
  const answer = await system.submit<{ message: string }>(textToImage('x'.repeat(10 * 1024 * 1024)));

  expect(answer.status).toBe(413);
});

describe('the list', () => {
  test.each([
    ['status=done', 'status', /pending, processing, completed, failed/],
    ['model=wan9', 'model', /wan26_i2i/],
    ['limit=0', 'limit', /an integer from 1 to 100/],
    ['limit=101', 'limit', /an integer from 1 to 100/],
    ['limit=ten', 'limit', /an integer from 1 to 100/],
    ['cursor=abc', 'cursor', /next_cursor/],
    ['page=2', 'page', /cursor/],
  ])('%s', async (query, param, allowed) => {
    const answer = await system.call<ProblemAnswer>('GET', `/v1/tasks?${query}`);

    expect(answer).toMatchObject({ status: 400, body: { error: { param } } });
    expect(answer.body.error.message).toMatch(allowed);
  });
});
