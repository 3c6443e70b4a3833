/** CORS as API Gateway does it for an HTTP API. */
import { expect, test } from 'vitest';
import { boot } from '../stacks.ts';
import { httpApi } from './http-api-stack.ts';

const HANDLER = `
  export const handler = async () => ({
    statusCode: 200,
    headers: { 'access-control-allow-origin': '*', 'access-control-max-age': '1', etag: '"a"' },
    body: 'answered',
  });`;

const configured = {
  AllowOrigins: ['https://app.example.com', 'https://other.example.com'],
  AllowMethods: ['GET', 'POST'],
  AllowHeaders: ['authorization'],
  ExposeHeaders: ['etag'],
  MaxAge: 60,
};

async function bootApi(CorsConfiguration?: object) {
  const stack = httpApi(['GET /v1/tasks']);
  const Api = {
    Type: 'AWS::ApiGatewayV2::Api',
    Properties: { Name: 'api', ProtocolType: 'HTTP', ...(CorsConfiguration && { CorsConfiguration }) },
  };
  const cloud = await boot(
    { ...stack, Resources: { ...stack.Resources, Api } },
    { code: { fn: HANDLER }, log: () => undefined },
  );
  return (method: string, headers: Record<string, string>, path = '/v1/tasks') =>
    fetch(`${cloud.apiUrl}${path}`, { method, headers });
}

const corsHeaders = ({ headers }: Response) =>
  Object.fromEntries([...headers].filter(([name]) => name.startsWith('access-control-')));
const preflight = { 'access-control-request-method': 'GET' };

test('with a configuration', async () => {
  const call = await bootApi(configured);

  const asked = await call('OPTIONS', { origin: 'https://app.example.com', ...preflight });
  expect(asked.status).toBe(204);
  expect(corsHeaders(asked)).toEqual({
    'access-control-allow-origin': 'https://app.example.com',
    'access-control-allow-methods': 'GET,POST',
    'access-control-allow-headers': 'authorization',
    'access-control-max-age': '60',
  });

  const answered = await call('GET', { origin: 'https://other.example.com' });
  expect(await answered.text()).toBe('answered');
  expect(corsHeaders(answered)).toEqual({
    'access-control-allow-origin': 'https://other.example.com',
    'access-control-expose-headers': 'etag',
  });

  // Another origin, or none: the answer without a word, and never the integration's own headers.
  for (const headers of [{ origin: 'https://app.example.com.evil.example.com' }, {}]) {
    const silent = await call('GET', headers as Record<string, string>);
    expect([silent.status, corsHeaders(silent)]).toEqual([200, {}]);
  }
  const refused = await call('OPTIONS', { origin: 'https://evil.example.com', ...preflight });
  expect([refused.status, corsHeaders(refused)]).toEqual([204, {}]);
  expect((await call('OPTIONS', { origin: 'https://app.example.com' })).status).toBe(404);
});

test('without one a preflight request finds no route, and the integration’s headers are its own', async () => {
  const call = await bootApi();

  expect((await call('OPTIONS', { origin: 'https://app.example.com', ...preflight })).status).toBe(404);
  expect(corsHeaders(await call('GET', { origin: 'https://app.example.com' }))).toMatchObject({
    'access-control-allow-origin': '*',
  });
});

test('a pattern of origins is refused, and named', async () => {
  await expect(bootApi({ AllowOrigins: ['https://*'] })).rejects.toThrow(/AllowOrigins/);
});
