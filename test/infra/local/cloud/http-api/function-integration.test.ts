import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { boot, type Stack } from '../stacks.ts';
import { httpApi } from './http-api-stack.ts';

/** Returns the event that it got, or what a header asks for. */
const HANDLER = `
  export const handler = async (event) => {
    const asked = event.headers['x-returns'];
    if (!asked) return event;
    if (asked === 'throw') throw new Error('a secret');
    if (asked === 'hang') await new Promise(() => undefined);
    if (asked === 'large') return { statusCode: 200, body: 'x'.repeat(7 * 2 ** 20) };
    return JSON.parse(asked);
  };`;

async function bootApi(
  options: { stack?: Stack; function?: object; integration?: object; stage?: object } = {},
) {
  const routes = ['GET /v1/tasks/{id}', 'POST /v1/tasks', 'DELETE /v1/{all+}'];
  const log: string[] = [];
  const cloud = await boot(httpApi(routes, options), {
    code: { fn: HANDLER },
    log: ({ functionName, text }) => functionName === 'ApiGateway' && log.push(text),
  });
  const call = (path: string, init: RequestInit = {}) => fetch(`${cloud.apiUrl}${path}`, init);
  const event = async (path: string, init: RequestInit = {}) =>
    (await (await call(path, init)).json()) as Record<string, unknown>;
  const returning = (result: unknown) =>
    call('/v1/tasks/1', {
      headers: { 'x-returns': typeof result === 'string' ? result : JSON.stringify(result) },
    });
  return { cloud, call, event, returning, log };
}

test('the event is of payload format 2.0', async () => {
  const { event } = await bootApi();

  const got = await event('/v1/tasks/a%20b?x=1&y=%C3%BC&x=2', {
    headers: { Cookie: 'one=1; two=2', 'X-Mine': 'yes', 'user-agent': 'test' },
  });

  expect(got).toMatchObject({
    version: '2.0',
    routeKey: 'GET /v1/tasks/{id}',
    rawPath: '/v1/tasks/a b',
    rawQueryString: 'x=1&y=%C3%BC&x=2',
    cookies: ['one=1', 'two=2'],
    queryStringParameters: { x: '1,2', y: 'ü' },
    pathParameters: { id: 'a b' },
    isBase64Encoded: false,
    requestContext: {
      accountId: '000000000000',
      http: {
        method: 'GET',
        path: '/v1/tasks/a b',
        protocol: 'HTTP/1.1',
        sourceIp: '127.0.0.1',
        userAgent: 'test',
      },
      routeKey: 'GET /v1/tasks/{id}',
      stage: '$default',
      time: expect.stringMatching(/^\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d \+0000$/),
      timeEpoch: expect.any(Number),
    },
  });
  expect(got.headers).toMatchObject({ 'x-mine': 'yes', 'x-forwarded-proto': 'http' });
  expect(got.headers).not.toHaveProperty('cookie');
  expect(got).not.toHaveProperty('body');
});

test.each([
  ['application/json', '{"a":"世"}', false],
  ['application/json; charset=utf-8', '{}', false],
  ['text/plain', 'text', false],
  ['application/x-www-form-urlencoded', 'a=b', true],
  ['image/png', 'pixels', true],
])('a body of %s', async (type, body, encoded) => {
  const { event } = await bootApi();

  const got = await event('/v1/tasks', { method: 'POST', headers: { 'content-type': type }, body });

  expect(got.isBase64Encoded).toBe(encoded);
  expect(encoded ? Buffer.from(`${got.body}`, 'base64').toString() : got.body).toBe(body);
});

test('a result with statusCode is taken apart', async () => {
  const { returning } = await bootApi();
  const body = Buffer.from([0, 255, 1]);

  const binary = await returning({
    statusCode: 201,
    headers: { 'Content-Type': 'image/png', 'x-count': 3 },
    cookies: ['a=1; Secure', 'b=2'],
    body: body.toString('base64'),
    isBase64Encoded: true,
  });
  const bare = await returning({ statusCode: 204 });

  expect(binary.status).toBe(201);
  expect(binary.headers.get('content-type')).toBe('image/png');
  expect(binary.headers.get('x-count')).toBe('3');
  expect(binary.headers.getSetCookie()).toEqual(['a=1; Secure', 'b=2']);
  expect(binary.headers.get('apigw-requestid')).toBeTruthy();
  expect(Buffer.from(await binary.arrayBuffer()).equals(body)).toBe(true);
  expect([bare.status, await bare.text()]).toEqual([204, '']);
});

test('a result without statusCode is the body itself', async () => {
  const { returning } = await bootApi();

  const object = await returning({ hello: 'world' });
  const text = await returning('"only text"');

  expect([object.status, object.headers.get('content-type'), await object.json()]).toEqual([
    200,
    'application/json',
    { hello: 'world' },
  ]);
  expect(await text.text()).toBe('only text');
});

test.each<[string, unknown]>([
  ['an error', 'throw'],
  ['a status that is none', { statusCode: 'many' }],
  ['a body that is no string', { statusCode: 200, body: { a: 1 } }],
  ['more than 6 MB', 'large'],
])('%s of the function is 500, without its message', async (_, result) => {
  const { returning, log } = await bootApi();

  const response = await returning(result);

  expect([response.status, await response.json()]).toEqual([500, { message: 'Internal Server Error' }]);
  expect(log).toEqual([expect.stringMatching(/^GET \/v1\/tasks\/\{id\}: 500, integration error: ./)]);
});

test('what no route takes is 404, also by a wrong method', async () => {
  const { cloud, call } = await bootApi();

  for (const [method, path] of [
    ['GET', '/nowhere'],
    ['PUT', '/v1/tasks'],
    ['GET', '/'],
  ] as const) {
    const response = await call(path, { method });
    expect([response.status, await response.json()]).toEqual([404, { message: 'Not Found' }]);
  }
  expect(cloud.routes()).toEqual({ '(no route)': { requests: 3, clientErrors: 3, serverErrors: 0 } });
});

test('a path that cannot be decoded is 400', async () => {
  const { cloud } = await bootApi();
  const { hostname, port } = new URL(cloud.apiUrl);

  const answer = await new Promise<string>((resolve) => {
    const socket = connect(Number(port), hostname, () =>
      socket.write('GET /%zz HTTP/1.1\r\nHost: x\r\n\r\n'),
    );
    socket.once('data', (chunk) => {
      resolve(chunk.toString());
      socket.destroy();
    });
  });

  expect(answer).toMatch(/^HTTP\/1\.1 400 /);
  expect(answer).toContain('{"message":"Bad Request"}');
});

test.each([
  ['over 10 MB, the gateway’s limit', 10 * 2 ** 20 + 1],
  ['over 6 MB, the function’s limit', 6 * 2 ** 20],
])('a body %s is 413', async (_, bytes) => {
  const { cloud, call } = await bootApi();

  const response = await call('/v1/tasks', {
    method: 'POST',
    headers: { 'content-type': 'text/plain' },
    body: 'x'.repeat(bytes),
  });

  expect([response.status, await response.json()]).toEqual([413, { message: 'Request Entity Too Large' }]);
  expect(cloud.function('Fn').invocations).toBe(0);
  expect(cloud.routes()['POST /v1/tasks']).toEqual({ requests: 1, clientErrors: 1, serverErrors: 0 });
});

test('a throttled function is 503', async () => {
  const { cloud, call } = await bootApi();
  cloud.function('Fn').throttle(true);

  const response = await call('/v1/tasks/1');

  expect([response.status, await response.json()]).toEqual([503, { message: 'Service Unavailable' }]);
});

test('an integration that takes too long is 503', async () => {
  const { returning } = await bootApi({ integration: { TimeoutInMillis: 100 } });

  const response = await returning('hang');

  expect([response.status, await response.json()]).toEqual([503, { message: 'Service Unavailable' }]);
});

test('a stage’s throttling is 429', async () => {
  const { call } = await bootApi({
    stage: { DefaultRouteSettings: { ThrottlingRateLimit: 0.01, ThrottlingBurstLimit: 2 } },
  });

  const statuses = [];
  for (let count = 0; count < 4; count++) statuses.push((await call('/v1/tasks/1')).status);

  expect(statuses).toEqual([200, 200, 429, 429]);
});

test('the address that the stack sees can be another one than its own', async () => {
  const stack = httpApi(['GET /x']);
  const cloud = await boot(stack, { code: { fn: HANDLER }, publicUrl: 'https://tunnel.example/' });

  expect(cloud.publicUrl).toBe('https://tunnel.example');
  expect(cloud.outputs.Endpoint).toBe('https://tunnel.example');
  expect((await fetch(`${cloud.apiUrl}/x`)).status).toBe(200);
});

test.each([
  ['Route', { AuthorizationType: 'JWT' }, /AuthorizationType/],
  ['Route', { AuthorizerId: 'x' }, /does not know the property AuthorizerId/],
  ['Integration', { IntegrationType: 'HTTP_PROXY' }, /IntegrationType/],
  ['Stage', { StageName: 'prod' }, /StageName/],
])('%s %j stops the boot', async (resource, properties, expected) => {
  const stack = httpApi(['GET /x']);
  const id = Object.keys(stack.Resources ?? {}).find((name) => name.startsWith(resource)) as string;
  const changed = stack.Resources?.[id] as { Properties: object };
  Object.assign(changed.Properties, properties);

  await expect(boot(stack, { code: { fn: HANDLER } })).rejects.toThrow(expected);
});
