/** What docs/api.md says that API Gateway answers by itself is what the local cloud answers, and what the contract describes. */
import { connect } from 'node:net';
import { describe, expect, test } from 'vitest';
import { allOperations, openApi } from '../../support/contract.ts';
import { textOf } from '../../support/sources.ts';
import { httpApi } from '../local/cloud/http-api/http-api-stack.ts';
import { boot } from '../local/cloud/stacks.ts';

/** By status: the message that the page's table has. */
const table = Object.fromEntries(
  [...textOf('docs/api.md').matchAll(/^\| (\d{3}) \| `([^`]+)` \|/gm)].map(([, status, message]) => [
    Number(status),
    message,
  ]),
);

const HANDLER = `
  export const handler = async ({ rawPath }) => {
    if (rawPath === '/fails') throw new Error('of the function');
    if (rawPath === '/too-large') return { statusCode: 200, body: 'x'.repeat(7 * 2 ** 20) };
    await new Promise((resolve) => setTimeout(resolve, 20_000));
  };`;

test('the local cloud answers as the table says, and nothing else is in the table', async () => {
  const { apiUrl } = await boot(
    httpApi(['GET /fails', 'GET /too-large', 'GET /late', 'POST /fails', 'GET /often'], {
      integration: { TimeoutInMillis: 2000 },
      stage: { RouteSettings: { 'GET /often': { ThrottlingRateLimit: 0.01, ThrottlingBurstLimit: 0 } } },
    }),
    { code: { fn: HANDLER } },
  );
  const ask = (path: string, init: RequestInit = {}) => fetch(`${apiUrl}${path}`, init);
  const post = (bytes: number) => ask('/fails', { method: 'POST', body: 'x'.repeat(bytes) });
  const cases: [number, string, Promise<Response>][] = [
    [404, 'an unknown path', ask('/v2/tasks')],
    [404, 'an unknown method', ask('/late', { method: 'DELETE' })],
    [413, 'a body over 10 MB', post(10 * 2 ** 20 + 1)],
    [413, 'a body over 6 MB', post(6 * 2 ** 20)],
    [429, 'more than the route takes', ask('/often')],
    [500, 'a function that fails', ask('/fails')],
    [500, 'an answer over 6 MB', ask('/too-large')],
    [503, 'no answer in time', ask('/late')],
  ];

  for (const [status, what, asked] of cases) {
    const answer = await asked;
    const type = answer.headers.get('content-type');
    const retryAfter = answer.headers.get('retry-after');
    expect([answer.status, await answer.json(), type, retryAfter], what).toEqual([
      status,
      { message: table[status] },
      'application/json',
      null,
    ]);
  }
  expect(await undecodable(apiUrl)).toMatch(/^HTTP\/1\.1 400 [\s\S]*\{"message":"Bad Request"\}/);
  expect(table[400]).toBe('Bad Request');
  expect(Object.keys(table)).toEqual(['400', '404', '413', '429', '500', '503']);
});

/** What is answered to a path that `fetch` would not send. */
function undecodable(apiUrl: string): Promise<string> {
  const { hostname, port } = new URL(apiUrl);
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname, () =>
      socket.write('GET /%zz HTTP/1.1\r\nHost: x\r\n\r\n'),
    );
    socket.once('data', (chunk) => {
      resolve(chunk.toString());
      socket.destroy();
    });
  });
}

describe('the contract', () => {
  const answersOf = (operation: (typeof allOperations)[number]['operation'], status: number) =>
    operation.responses[status] as { description: string; content?: object } | undefined;

  test.each(allOperations.map(({ operation }) => [operation.operationId, operation] as const))(
    '%s may be answered by API Gateway itself',
    (_, operation) => {
      for (const status of [429, 500, 503, ...(operation.requestBody ? [413] : [])]) {
        const answer = answersOf(operation, status);
        expect(answer?.description, `${status}`).toContain('API Gateway itself');
        expect(JSON.stringify(answer?.content), `${status}`).toContain('GatewayMessage');
      }
    },
  );

  test.each(allOperations.map(({ operation }) => [operation.operationId, operation] as const))(
    '%s advises an Idempotency-Key after a fault only when it takes one',
    (_, operation) => {
      const takesOne = (operation.parameters ?? []).some(({ name }) => name === 'Idempotency-Key');
      const advising = [500, 503].filter((status) =>
        answersOf(operation, status)?.description.includes('Idempotency-Key'),
      );

      expect(advising).toEqual(takesOne ? [500, 503] : []);
    },
  );

  test('a message of API Gateway is no error of ours', () => {
    const { GatewayMessage } = openApi.components.schemas as Record<string, { properties: object }>;

    expect(Object.keys(GatewayMessage!.properties)).toEqual(['message']);
  });
});
