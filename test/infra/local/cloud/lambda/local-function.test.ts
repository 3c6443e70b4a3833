import { expect, test } from 'vitest';
import type { FunctionLogLine } from '../../../../../infra/local/cloud/index.ts';
import { eventually } from '../../../../support/eventually.ts';
import { boot, lambda } from '../stacks.ts';

const BODIES: Record<string, string> = {
  echo: 'return event;',
  nothing: 'return undefined;',
  environment: 'return { env: process.env, cwd: process.cwd(), ipc: typeof process.send };',
  context: `const { getRemainingTimeInMillis, ...rest } = context;
    return { ...rest, left: getRemainingTimeInMillis(), trace: process.env._X_AMZN_TRACE_ID };`,
  throws: 'throw Object.assign(new TypeError("broken " + event.n), { cause: 1 });',
  sleeps: 'await new Promise((resolve) => setTimeout(resolve, event.ms)); return process.pid;',
  hangs: 'await new Promise(() => undefined);',
  spins: 'for (;;);',
  exits: 'process.exit(event.code);',
  rejects:
    'Promise.reject(new Error("forgotten")); await new Promise((resolve) => setTimeout(resolve, 500));',
  hoards: `const kept = []; for (let mb = 0; mb < event.mb; mb++) {
      kept.push(Buffer.alloc(1048576, 1)); if (mb % 20 === 0) await new Promise((r) => setTimeout(r, 30)); }
    return kept.length;`,
  large: 'return "x".repeat(event.bytes - 2);',
  prints: `console.log("plain " + event.n); console.error("wrong"); process.stdout.write("two\\nlines\\n");
    console.log(JSON.stringify({ _aws: { Timestamp: Date.now(), CloudWatchMetrics: [{ Namespace: "N", Dimensions: [["kind"]], Metrics: [{ Name: "M" }] }] }, kind: "a", M: event.n }));`,
};

async function bootFunction(name: string, properties = {}, options = {}) {
  const lines: FunctionLogLine[] = [];
  const source = `export const handler = async (event, context) => { ${BODIES[name]} };`;
  const cloud = await boot(
    { Resources: { Fn: lambda('fn', { FunctionName: 'fn', ...properties }) } },
    { code: { fn: source }, log: (line) => lines.push(line), ...options },
  );
  const invoke = async (event: unknown = {}) => {
    const result = await cloud.function('fn').invoke(event);
    return 'error' in result ? result.error : JSON.parse(result.payload);
  };
  return { cloud, invoke, lines };
}

test('an event goes in as JSON and the result comes out as JSON', async () => {
  const { invoke } = await bootFunction('echo');

  expect(await invoke({ text: '世界', n: 1, gone: undefined })).toEqual({ text: '世界', n: 1 });
});

test('a handler that returns nothing gives null', async () => {
  const { invoke } = await bootFunction('nothing');

  expect(await invoke()).toBeNull();
});

test('the environment is the template’s and Lambda’s own, and nothing of this process', async () => {
  process.env.LEAKED = 'secret';
  const { cloud, invoke } = await bootFunction('environment', {
    MemorySize: 256,
    Environment: { Variables: { A: 'b' } },
  });

  const { env, cwd, ipc } = await invoke();
  delete process.env.LEAKED;

  expect(env).toMatchObject({
    A: 'b',
    AWS_LAMBDA_FUNCTION_NAME: 'fn',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '256',
    AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
    AWS_REGION: 'us-east-1',
    AWS_ENDPOINT_URL_SQS: cloud.endpoints.sqs,
    TZ: ':UTC',
    _HANDLER: 'index.handler',
    LAMBDA_TASK_ROOT: cwd,
  });
  expect(env).not.toHaveProperty('LEAKED');
  expect(Object.keys(env).filter((name) => /^(npm|NODE|VITEST|HOME)/i.test(name))).toEqual([]);
  expect(ipc).toBe('undefined');
});

test('the bundle cannot reach the project’s modules', async () => {
  const cloud = await boot(
    { Resources: { Fn: lambda('fn') } },
    { code: { fn: 'import "zod"; export const handler = async () => 1;' } },
  );

  const result = await cloud.function('Fn').invoke({});

  expect(result).toMatchObject({ error: { errorMessage: expect.stringContaining('zod') } });
});

test('the context is as Lambda gives it', async () => {
  const { invoke } = await bootFunction('context', { Timeout: 900 });

  const context = await invoke();

  expect(context).toMatchObject({
    functionName: 'fn',
    functionVersion: '$LATEST',
    memoryLimitInMB: '128',
    invokedFunctionArn: 'arn:aws:lambda:us-east-1:000000000000:function:fn',
    logGroupName: '/aws/lambda/fn',
    awsRequestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    trace: expect.stringMatching(/^Root=1-[0-9a-f]{8}-[0-9a-f]{24};/),
  });
  expect(context.left).toBeGreaterThan(0);
  expect(context.left).toBeLessThanOrEqual(900_000);
});

test('an error of the handler comes out with type, message and trace; the sandbox lives on', async () => {
  const { cloud, invoke } = await bootFunction('throws');

  await invoke({ n: 1 });
  const error = await invoke({ n: 2 });

  expect(error).toMatchObject({ errorType: 'TypeError', errorMessage: 'broken 2' });
  expect(error.trace[0]).toBe('TypeError: broken 2');
  expect(cloud.function('fn')).toMatchObject({ coldStarts: 1, invocations: 2, errors: 2 });
});

test.each(['hangs', 'spins'])('a function that %s is ended when its time is over', async (name) => {
  const { invoke } = await bootFunction(name, { Timeout: 1 });

  expect(await invoke()).toEqual({
    errorType: 'Sandbox.Timedout',
    errorMessage: expect.stringMatching(/^RequestId: .* Error: Task timed out after 1\.00 seconds$/),
  });
});

test.each([
  ['exits', { code: 3 }, 'Runtime.ExitError', 'Runtime exited with error: exit status 3'],
  ['exits', { code: 0 }, 'Runtime.ExitError', 'Runtime exited without providing a reason'],
  ['rejects', {}, 'Runtime.UnhandledPromiseRejection', 'forgotten'],
  ['hoards', { mb: 400 }, 'Runtime.ExitError', 'Runtime exited with error: signal: killed'],
])('%s %j: %s', async (name, event, errorType, message) => {
  const { invoke, cloud } = await bootFunction(name, { Timeout: 10 });

  const error = await invoke(event);

  expect(error).toMatchObject({ errorType, errorMessage: expect.stringContaining(message) });
  expect(cloud.function('fn').errors).toBe(1);
});

test('a function within its memory is left alone, and what it took at the most is reported', async () => {
  const { invoke, cloud, lines } = await bootFunction('hoards', { MemorySize: 512, Timeout: 10 });

  expect(await invoke({ mb: 150 })).toBe(150);
  const report = await eventually(() => lines.find(({ text }) => text.startsWith('REPORT')));

  expect(cloud.function('fn').peakBytes).toBeGreaterThan(150 * 2 ** 20);
  expect(Number(/Max Memory Used: (\d+) MB/.exec(report.text)?.[1])).toBeGreaterThan(150);
  expect(report.text).toMatch(/Memory Size: 512 MB.*Init Duration: /);
});

test('6 MB is the limit both ways', async () => {
  const limit = 6 * 2 ** 20;
  const large = await bootFunction('large');
  const echo = await bootFunction('echo');

  expect(await large.invoke({ bytes: limit })).toHaveLength(limit - 2);
  expect(await large.invoke({ bytes: limit + 1 })).toMatchObject({
    errorType: 'Function.ResponseSizeTooLarge',
  });
  await expect(echo.invoke('x'.repeat(limit))).rejects.toMatchObject({
    code: 'RequestTooLargeException',
    status: 413,
  });
});

test('one event at a time per sandbox, and no more sandboxes than allowed', async () => {
  const { cloud, invoke } = await bootFunction('sleeps', {}, { concurrency: 2 });

  const processes = await Promise.all([1, 2, 3, 4, 5].map(() => invoke({ ms: 500 })));

  expect(new Set(processes).size).toBe(2);
  expect(cloud.function('fn')).toMatchObject({ coldStarts: 2, invocations: 5 });
});

test('a throttled function refuses; so does one beyond its reserved concurrency', async () => {
  const { cloud, invoke } = await bootFunction('sleeps', { ReservedConcurrentExecutions: 1 });

  const [first, second] = await Promise.allSettled([invoke({ ms: 100 }), invoke({ ms: 1 })]);
  cloud.function('fn').throttle(true);
  const third = await invoke({ ms: 1 }).catch((error: unknown) => error);
  cloud.function('fn').throttle(false);

  expect(first.status).toBe('fulfilled');
  expect(second).toMatchObject({
    status: 'rejected',
    reason: { code: 'TooManyRequestsException', status: 429 },
  });
  expect(third).toMatchObject({ status: 429 });
  expect(await invoke({ ms: 1 })).toEqual(expect.any(Number));
  expect(cloud.function('fn')).toMatchObject({ invocations: 2, throttles: 2 });
});

test('a killed function fails what it is doing, and starts afresh', async () => {
  const { cloud, invoke, lines } = await bootFunction('sleeps', { Timeout: 60 });
  const before = await invoke({ ms: 1 });

  const underWay = invoke({ ms: 60_000 });
  await eventually(() => lines.filter(({ text }) => text.startsWith('START')).length === 2);
  cloud.function('fn').kill();

  expect(await underWay).toMatchObject({ errorType: 'Runtime.ExitError' });
  expect(await invoke({ ms: 1 })).not.toBe(before);
});

test.each([
  ['a syntax error', 'export const handler = ;', /Unexpected token/],
  ['an error while loading', 'throw new Error("at once"); export const handler = 1;', /at once/],
  ['no handler', 'export const other = 1;', /index\.handler is undefined or not exported/],
  ['a callback', 'export const handler = (event, context, callback) => callback();', /callback/],
])('a bundle with %s fails its invocations with the reason', async (_, source, expected) => {
  const cloud = await boot({ Resources: { Fn: lambda('fn') } }, { code: { fn: source } });

  const results = await Promise.all([1, 2].map(() => cloud.function('Fn').invoke({})));

  for (const result of results)
    expect(result).toMatchObject({ error: { errorMessage: expect.stringMatching(expected) } });
});

test('what a function prints arrives line by line with its invocation, before its report; metrics are summed', async () => {
  const { cloud, invoke, lines } = await bootFunction('prints');

  await invoke({ n: 1 });
  await invoke({ n: 4 });
  const own = lines.filter(({ source }) => source !== 'platform');
  const platform = lines.filter(({ source }) => source === 'platform');

  expect(own.slice(0, 4).map(({ source, text }) => `${source}: ${text}`)).toEqual([
    'stdout: plain 1',
    'stderr: wrong',
    'stdout: two',
    'stdout: lines',
  ]);
  expect(new Set(lines.map(({ requestId }) => requestId)).size).toBe(2);
  expect(platform.map(({ text }) => text.split(' ')[0])).toEqual(['START', 'REPORT', 'START', 'REPORT']);
  expect(cloud.metrics()).toEqual([
    { namespace: 'N', name: 'M', dimensions: { kind: 'a' }, sum: 5, count: 2 },
  ]);
});

test('one sandbox handles one event after another', async () => {
  const { cloud, invoke } = await bootFunction('echo');

  for (let count = 0; count < 100; count++) await invoke({ count });

  expect(cloud.function('fn')).toMatchObject({ coldStarts: 1, invocations: 100 });
});
