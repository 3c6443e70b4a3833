/** Our HTTP functions' shape: errors as documented, faults that tell nothing about us, the key asked for first. */
import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import { describe, expect, test } from 'vitest';
import { bodyText, errorAnswers, type HttpEvent, type HttpResult, json } from '../../../shared/http/api.ts';
import { invalid, notFound, Problem, unauthorized } from '../../../shared/http/problem.ts';
import { requireKey, type WithCaller } from '../../../shared/http/require-key.ts';
import type { FoundCaller } from '../../../shared/security/api-keys.ts';
import { keptTelemetry } from '../../support/telemetry.ts';

const event = (own: Partial<HttpEvent> = {}) => ({ headers: {}, ...own }) as HttpEvent;

describe('errors', () => {
  async function answerTo(thrown: unknown) {
    const telemetry = keptTelemetry();
    const handler = middy<HttpEvent, HttpResult>()
      .use(errorAnswers(telemetry))
      .handler(async () => {
        throw thrown;
      });
    const { body = '{}', ...answer } = await handler(event(), {} as Context);
    return { ...answer, body: JSON.parse(body), telemetry };
  }

  test.each([
    [
      invalid('n', 'n is wrong'),
      400,
      { code: 'invalid_parameters', message: 'n is wrong', type: 'invalid_request_error', param: 'n' },
    ],
    [
      invalid('input', 'x', '001021001'),
      400,
      { code: '001021001', message: 'x', type: 'invalid_request_error', param: 'input' },
    ],
    [
      notFound('no such task'),
      404,
      { code: 'task_not_found', message: 'no such task', type: 'invalid_request_error' },
    ],
    [new Problem(503, { code: 'a', message: 'b', type: 'c' }), 503, { code: 'a', message: 'b', type: 'c' }],
  ])('%s is answered in the documented shape', async (problem, status, error) => {
    const answer = await answerTo(problem);

    expect(answer).toMatchObject({
      statusCode: status,
      headers: { 'content-type': 'application/json' },
      body: { error },
    });
    expect(Object.keys(answer.body)).toEqual(['error']);
    expect(answer.telemetry.counts).toEqual([`RequestRefused:${error.code}`]);
  });

  test('401 says how to ask', async () => {
    expect(await answerTo(unauthorized())).toMatchObject({
      statusCode: 401,
      headers: { 'www-authenticate': 'Bearer' },
      body: { error: { code: 'unauthorized', type: 'authentication_error' } },
    });
  });

  test('a fault is logged, and the caller learns only that it was ours', async () => {
    const { statusCode, body, telemetry } = await answerTo(new Error('the table tasks-1 is gone'));

    expect(statusCode).toBe(500);
    expect(body.error).toMatchObject({ code: 'internal_error', type: 'server_error' });
    // Not every route has an Idempotency-Key: whoever has one says so.
    expect(body.error.message).toBe('Something went wrong on our side. The request may be sent again');
    expect(JSON.stringify(body)).not.toContain('tasks-1');
    expect(telemetry.lines.join()).toContain('tasks-1');
    expect(telemetry.counts).toEqual(['RequestFailed']);
  });
});

describe('the key', () => {
  const found: Record<string, FoundCaller> = {
    'Bearer good': { kind: 'caller', caller: { owner: 'acme', keyId: 'key-1' } },
    'Bearer old': { kind: 'refused', reason: 'disabled key', keyId: 'key-2' },
  };
  async function ask(headers: Record<string, string>) {
    const telemetry = keptTelemetry();
    const handler = middy<HttpEvent, HttpResult, Error, WithCaller>()
      .use(errorAnswers(telemetry))
      .use(
        requireKey(async (header = '') => found[header] ?? { kind: 'refused', reason: 'no key' }, telemetry),
      )
      .handler(async (_event, { caller }) => json(200, caller));
    return { answer: await handler(event({ headers }), {} as WithCaller), log: telemetry.lines };
  }

  test('names the caller', async () => {
    const { answer, log } = await ask({ authorization: 'Bearer good' });

    expect(answer).toMatchObject({ statusCode: 200, body: '{"owner":"acme","keyId":"key-1"}' });
    expect(log).toEqual([]);
  });

  test('is required: every refusal is answered alike, and the log says which it was', async () => {
    const none = await ask({});
    const old = await ask({ authorization: 'Bearer old' });

    expect(none.answer).toMatchObject({ statusCode: 401 });
    expect(old.answer).toEqual(none.answer);
    expect(none.log).toEqual(['no key {}']);
    expect(old.log).toEqual(['disabled key {"key_id":"key-2"}']);
  });
});

test.each<[Partial<HttpEvent>, string]>([
  [{ body: '{"a":"狐"}' }, '{"a":"狐"}'],
  [{ body: Buffer.from('狐').toString('base64'), isBase64Encoded: true }, '狐'],
  [{}, ''],
])('the body of %o', (own, text) => {
  expect(bodyText(event(own))).toBe(text);
});

test('an answer is JSON with its own headers', () => {
  expect(json(200, { a: 1 }, { 'retry-after': '5' })).toEqual({
    statusCode: 200,
    body: '{"a":1}',
    headers: { 'content-type': 'application/json', 'retry-after': '5' },
  });
});
