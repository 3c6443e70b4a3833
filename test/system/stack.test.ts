/** What the template promises, read from the template itself. */
import { execFile } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { expect, inject, test } from 'vitest';
import { readAssembly } from '../../infra/local/cloud/index.ts';
import { providerNames } from '../../shared/providers/definitions.ts';
import { functionAssets } from '../support/function-assets.ts';

const { assembly } = inject('shared');
const { template } = await readAssembly(assembly);
const functions = await functionAssets(assembly);

type Properties = Record<string, unknown>;

const ofType = (type: string): [string, Properties][] =>
  Object.entries(template.Resources)
    .filter(([, resource]) => resource.Type === type)
    .map(([id, { Properties }]) => [id, Properties]);

/** The logical id that a `GetAtt … Arn` names. */
const named = (value: unknown): string => (value as { 'Fn::GetAtt': string[] })['Fn::GetAtt'][0]!;

const queues = ofType('AWS::SQS::Queue');
const deadLetters = new Set(
  queues.flatMap(([, { RedrivePolicy: policy }]) =>
    policy ? [named((policy as Properties).deadLetterTargetArn)] : [],
  ),
);
const isDeadEnd = (id: string) => /DeadLetters|Unpublished|Uncounted/.test(id);

const isCallback = (routeKey: unknown) => String(routeKey).includes('/v1/callbacks/');
const stageDependencies = () =>
  Object.values(template.Resources).flatMap(({ Type, DependsOn }) =>
    Type === 'AWS::ApiGatewayV2::Stage' ? DependsOn : [],
  );

test('every queue has dead letters or is some', () => {
  const without = queues.filter(([id, { RedrivePolicy: policy }]) => !policy && !isDeadEnd(id));

  expect(queues.length).toBeGreaterThan(0);
  expect(without).toEqual([]);
});

test('what works on a queue has a limit to how much of it is worked on at once', () => {
  const fromQueues = ofType('AWS::Lambda::EventSourceMapping').filter(
    ([, { StartingPosition }]) => StartingPosition === undefined,
  );

  expect(fromQueues.length).toBeGreaterThan(2);
  for (const [, { ScalingConfig }] of fromQueues) {
    expect(ScalingConfig).toEqual({ MaximumConcurrency: expect.any(Number) });
  }
});

test('every queue of dead letters has an alarm that rings at the first one', () => {
  const onQueues = ofType('AWS::CloudWatch::Alarm').filter(
    ([, { MetricName }]) => MetricName === 'ApproximateNumberOfMessagesVisible',
  );
  const alarmed = onQueues.map(([, { Dimensions, Threshold }]) => {
    expect(Threshold).toBe(1);
    return named((Dimensions as { Value: unknown }[])[0]!.Value);
  });

  const ends = queues.map(([id]) => id).filter((id) => isDeadEnd(id) || deadLetters.has(id));

  expect(new Set(alarmed)).toEqual(new Set(ends));
});

test('a bucket that refuses images is loud within the hour, long before their links die', () => {
  const [[, alarm] = []] = ofType('AWS::CloudWatch::Alarm').filter(
    ([, { MetricName }]) => MetricName === 'ImageNotKept',
  );

  expect(alarm).toMatchObject({
    Namespace: 'Wanhook',
    // What test/system/kept-in-time.test.ts sees the function print.
    Dimensions: [{ Name: 'service', Value: 'callback' }],
    Threshold: 1,
  });
  expect(Number(alarm!.Period) * Number(alarm!.EvaluationPeriods)).toBeLessThanOrEqual(3600);
});

test.each([
  { metric: 'ImageNotKeptInTime', service: 'callback' },
  ...providerNames.map((reason) => ({ metric: 'ProviderUnauthorized', service: 'submit', reason })),
])('what should never be counted is loud at once: %o', ({ metric, ...dimensions }) => {
  const wanted = Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value }));
  const alarms = ofType('AWS::CloudWatch::Alarm').filter(
    ([, { MetricName, Dimensions }]) => MetricName === metric && isSameSet(Dimensions, wanted),
  );

  expect(alarms).toMatchObject([
    [expect.any(String), { Namespace: 'Wanhook', Threshold: 1, EvaluationPeriods: 1, Period: 300 }],
  ]);
});

const isSameSet = (some: unknown, others: readonly unknown[]): boolean =>
  [...(some as unknown[])]
    .map((one) => JSON.stringify(one))
    .sort()
    .join() ===
  others
    .map((one) => JSON.stringify(one))
    .sort()
    .join();

test.each([
  ['AcceptanceLost', 'submit'],
  ['UnnamedTaskGivenUp', 'check'],
])('a task that may have been paid for and that nobody can name is loud: %s', (metric, service) => {
  const alarms = ofType('AWS::CloudWatch::Alarm').map(([, properties]) => properties);

  expect(alarms.filter(({ MetricName }) => MetricName === metric)).toMatchObject([
    { Namespace: 'Wanhook', Dimensions: [{ Name: 'service', Value: service }], Threshold: 1 },
  ]);
});

test('every event source reports single failures, and a stream’s failures have somewhere to go', () => {
  const sources = ofType('AWS::Lambda::EventSourceMapping');

  expect(sources).toHaveLength(7);
  for (const [, source] of sources) {
    expect(source.FunctionResponseTypes).toEqual(['ReportBatchItemFailures']);
    if (source.StartingPosition) expect(source.DestinationConfig).toBeDefined();
  }
});

// Lambda may try for that long to get a message to a throttled function (Lambda developer guide, "Using Lambda with SQS").
test('a message is hidden for at least six times as long as its function may take', () => {
  const sources = ofType('AWS::Lambda::EventSourceMapping').filter(
    ([, { StartingPosition }]) => !StartingPosition,
  );
  const resource = (id: string) => template.Resources[id]!.Properties;

  const short = sources.filter(([, { EventSourceArn, FunctionName }]) => {
    const { VisibilityTimeout } = resource(named(EventSourceArn));
    const { Timeout } = resource((FunctionName as { Ref: string }).Ref);
    return !((VisibilityTimeout as number) >= 6 * (Timeout as number));
  });

  expect(sources).toHaveLength(5);
  expect(short.map(([id]) => id)).toEqual([]);
});

test('callbacks are limited, so that forged ones cannot fill the queue', () => {
  const [[, stage] = []] = ofType('AWS::ApiGatewayV2::Stage');
  const [routeId] = ofType('AWS::ApiGatewayV2::Route').find(([, { RouteKey }]) => isCallback(RouteKey)) ?? [];

  const rates = Object.entries(stage!.RouteSettings as Record<string, { ThrottlingRateLimit: number }>).map(
    ([route, { ThrottlingRateLimit }]) => [route, ThrottlingRateLimit],
  );

  expect(Object.fromEntries(rates)).toMatchObject({
    'POST /v1/callbacks/{taskId}/{signature}': 100,
    // Each makes us call an address that its caller names.
    'POST /v1/webhooks/test': 2,
    // What needs no key.
    'GET /openapi.json': 10,
    'GET /': 50,
    'GET /assets/{name}': 50,
  });
  expect(
    (stage!.RouteSettings as Record<string, unknown>)['POST /v1/callbacks/{taskId}/{signature}'],
  ).toEqual({
    DetailedMetricsEnabled: true,
    ThrottlingRateLimit: 100,
    ThrottlingBurstLimit: 1000,
  });
  expect(stageDependencies()).toContain(routeId);
});

test('webhooks: attempts and retries have a limit of concurrency each, so neither takes all of the account', () => {
  const limits = ofType('AWS::Lambda::EventSourceMapping')
    .filter(([, { EventSourceArn }]) => JSON.stringify(EventSourceArn).includes('Webhooks'))
    .map(([, { BatchSize, ScalingConfig }]) => ({ BatchSize, ScalingConfig }));

  expect(limits).toEqual([
    { BatchSize: 10, ScalingConfig: { MaximumConcurrency: 100 } },
    { BatchSize: 10, ScalingConfig: { MaximumConcurrency: 50 } },
  ]);
});

test('an event that the webhooks queue does not take goes to dead letters that can be moved back', () => {
  const [[, rule] = []] = ofType('AWS::Events::Rule');
  const [target] = rule!.Targets as { Arn: unknown; DeadLetterConfig: { Arn: unknown } }[];

  // SQS moves messages out of a queue only if another one names it in its redrive policy.
  expect(deadLetters).toContain(named(target!.DeadLetterConfig.Arn));
  expect(named(target!.Arn)).toMatch(/^WebhooksFirstQueue/);
});

test('callbacks are taken one at a time, in order, also when they are dead letters', () => {
  const callbacks = queues.filter(([id]) => id.startsWith('Callbacks'));
  const [[, source] = []] = ofType('AWS::Lambda::EventSourceMapping').filter(([, { EventSourceArn }]) =>
    JSON.stringify(EventSourceArn).includes('Callbacks'),
  );

  expect(callbacks).toHaveLength(2);
  for (const [, queue] of callbacks) {
    expect(queue).toMatchObject({
      FifoQueue: true,
      DeduplicationScope: 'messageGroup',
      FifoThroughputLimit: 'perMessageGroupId',
    });
    expect(queue.ContentBasedDeduplication).toBeUndefined();
  }
  expect(source!.BatchSize).toBe(1);
});

test('the access log holds no path: a callback’s path is a credential', () => {
  const [[, stage] = []] = ofType('AWS::ApiGatewayV2::Stage');
  const { Format } = stage!.AccessLogSettings as { Format: string };

  expect(Format).toContain('$context.routeKey');
  expect(Format).not.toMatch(/\$context\.(path|integration\.error|authorizer|identity\.(?!sourceIp))/);
});

test('the bucket is private, encrypted and TLS only', () => {
  const [[, bucket] = []] = ofType('AWS::S3::Bucket');
  const [[, policy] = []] = ofType('AWS::S3::BucketPolicy');

  expect(Object.values(bucket!.PublicAccessBlockConfiguration as object)).toEqual([true, true, true, true]);
  expect(bucket!.BucketEncryption).toBeDefined();
  expect(JSON.stringify(policy)).toContain('"aws:SecureTransport":"false"');
});

test('one role a function, and no role may do everything to anything', () => {
  const roles = ofType('AWS::Lambda::Function').map(([, { Role }]) => named(Role));
  const statements = ofType('AWS::IAM::Policy').flatMap(
    ([, { PolicyDocument }]) => (PolicyDocument as { Statement: { Action: string | string[] }[] }).Statement,
  );

  expect(new Set(roles).size).toBe(functions.length);
  for (const { Action } of statements) expect([Action].flat()).not.toContain('*');
});

test('functions run on nodejs24.x arm64, with logs that end, and within 512 MB', () => {
  for (const [, fn] of ofType('AWS::Lambda::Function')) {
    expect(fn).toMatchObject({
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
    });
    expect(fn.MemorySize).toBeLessThanOrEqual(512);
  }
  for (const [, group] of ofType('AWS::Logs::LogGroup')) expect(group.RetentionInDays).toBe(30);
});

test.each(functions)('the bundle of $folder imports under Node 24 and exports its handler', async (asset) => {
  const file = join(asset.directory, 'index.mjs');
  const script = `const { handler } = await import(${JSON.stringify(pathToFileURL(file).href)});
    console.log(process.versions.node.split('.')[0], typeof handler); process.exit(0);`;

  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], {
    cwd: asset.directory,
    env: { AWS_REGION: 'us-east-1', ...asset.environment },
  });

  expect(stdout.trim()).toBe('24 function');
  expect(asset.handler).toBe('index.handler');
  expect((await stat(file)).size).toBeLessThan(800_000);
});

test('the pinned command line reads the assembly that the pinned library writes', async () => {
  const cdk = join(import.meta.dirname, '../../node_modules/.bin/cdk');

  const { stdout } = await promisify(execFile)(cdk, ['ls', '--app', assembly, '--no-notices'], {
    timeout: 120_000,
  });

  expect(stdout.trim()).toBe('Wanhook');
});
