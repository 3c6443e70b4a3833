/** `npm run smoke` and `npm run status`, as an operator runs them: against a deployment that they know by its outputs and one address. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { DeleteItemCommand, PutItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import {
  DisableRuleCommand,
  EnableRuleCommand,
  EventBridgeClient,
  ListRulesCommand,
} from '@aws-sdk/client-eventbridge';
import {
  LambdaClient,
  ListEventSourceMappingsCommand,
  UpdateEventSourceMappingCommand,
} from '@aws-sdk/client-lambda';
import { SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import { GetQueueAttributesCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { marshall } from '@aws-sdk/util-dynamodb';
import { afterAll, afterEach, expect, test } from 'vitest';
import { confirmAddresses } from '../../infra/local/confirm-addresses.ts';
import { output } from '../../infra/local/deploy.ts';
import type { Smoke } from '../../infra/operations/smoke/run-smoke.ts';
import { StatusOutputs, WORK_QUEUES } from '../../infra/operations/status/facts.ts';
import type { Finding } from '../../infra/operations/status/finding.ts';
import { readMeasures } from '../../infra/operations/status/read-measures.ts';
import { readQueues } from '../../infra/operations/status/read-queues.ts';
import { modelNames } from '../../shared/providers/definitions.ts';
import { taskRecord } from '../support/records.ts';
import { startSystem } from './system.ts';

const system = await startSystem();
const { cloud } = system;
const directory = await mkdtemp(join(tmpdir(), 'wanhook-smoke-'));
const outputsFile = join(directory, 'outputs.json');
await writeFile(outputsFile, JSON.stringify({ Wanhook: cloud.outputs }));
afterAll(() => rm(directory, { recursive: true, force: true }));

const otherFile = join(directory, 'other.json');
await writeFile(otherFile, JSON.stringify({ Other: { Url: 'https://example.com' } }));
const NOWHERE = 'http://127.0.0.1:1';

const operation = (name: string) => join(import.meta.dirname, `../../infra/operations/${name}.ts`);
const [smokeCommand, statusCommand, redriveCommand] = ['smoke', 'status', 'redrive'].map(operation) as [
  string,
  string,
  string,
];
const keys = await system.providerKeys();
/** As if it had been so for five minutes: no function remembers the keys before. */
async function setKeys(next: Readonly<Record<string, string>>): Promise<void> {
  await system.setProviderKeys(next);
  for (const fn of cloud.functions()) fn.kill();
}
afterEach(() => setKeys(keys));

function run(
  command: string,
  ...options: string[]
): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [command, ...options],
      { cwd: directory, env: { PATH: process.env.PATH } },
      (error, stdout, stderr) => resolve({ code: error ? Number(error.code) : 0, stdout, stderr }),
    );
  });
}

const smoke = (...options: string[]) => run(smokeCommand, ...options);
const against = (...more: string[]) => smoke(outputsFile, '--endpoint', cloud.endpoint, ...more);

/** What a run makes and has to remove. */
async function made() {
  const { Rules = [] } = await events.send(
    new ListRulesCommand({ EventBusName: output(cloud, 'BusName'), NamePrefix: 'wanhook-smoke' }),
  );
  const { Items = [] } = await system.dynamodb.send(
    new ScanCommand({ TableName: output(cloud, 'KeysTable') }),
  );
  return {
    rules: Rules.length,
    queues: cloud.queues().filter(({ name }) => name.startsWith('wanhook-smoke')).length,
    keys: Items.filter(({ owner }) => owner?.S?.startsWith('smoke-')).length,
  };
}

const status = (...options: string[]) => run(statusCommand, ...options);
const statusOf = async () => {
  const { stdout } = await status(outputsFile, '--endpoint', cloud.endpoint, '--json');
  return JSON.parse(stdout) as { healthy: boolean; findings: Finding[] };
};
const { client } = system.deployment;
const sqs = new SQSClient({ ...client, endpoint: cloud.endpoints.sqs });
const events = new EventBridgeClient({ ...client, endpoint: cloud.endpoints.eventbridge });
const lambda = new LambdaClient({ ...client, endpoint: cloud.endpoints.lambda });
const sns = new SNSClient({ ...client, endpoint: cloud.endpoints.sns });
const subscribe = (Endpoint: string) =>
  sns.send(new SubscribeCommand({ TopicArn: output(cloud, 'AlarmTopic'), Protocol: 'email', Endpoint }));

// Before anything fails: alarms remember for minutes.
test('status: all is well with a new deployment, on one screen', async () => {
  await confirmAddresses(system.deployment);

  const { code, stdout, stderr } = await status(outputsFile, '--endpoint', cloud.endpoint);

  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatch(/✓ EvoLink .* accepted/);
  expect(stdout).toMatch(/✓ stream +enabled, to Wanhook-FunctionsPublish/);
  expect(stdout).toMatch(/✓ who hears them +operator@example\.com \(email\)/);
  expect(stdout).toMatch(/\n✓ Healthy\n$/);
});

test('status: what the daily sweep counted is known where the table is too large to be read', async () => {
  const cloudWatch = new CloudWatchClient({ ...client, endpoint: cloud.endpoints.cloudwatch });
  const queues = await readQueues(sqs, StatusOutputs.parse(cloud.outputs));
  const measured = () => readMeasures(cloudWatch, cloud.stackName, queues, []);

  const before = await measured();
  await cloud.function('Sweep').invoke({});
  const after = await measured();

  expect([before.openBeyond25Hours, after.openBeyond25Hours]).toEqual([undefined, 0]);
  expect(Object.keys(after.oldestMessage)).toEqual([...WORK_QUEUES]);
});

test('status: every trouble is named with the command that mends it, and is gone when it was mended', async () => {
  const bus = { EventBusName: output(cloud, 'BusName') };
  const { Rules = [] } = await events.send(new ListRulesCommand(bus));
  const rule = { ...bus, Name: Rules[0]!.Name! };
  const { Attributes = {} } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: output(cloud, 'OverdueQueue'), AttributeNames: ['QueueArn'] }),
  );
  const { EventSourceMappings: [source] = [] } = await lambda.send(
    new ListEventSourceMappingsCommand({ EventSourceArn: Attributes.QueueArn }),
  );
  const enable = (Enabled: boolean) =>
    lambda.send(new UpdateEventSourceMappingCommand({ UUID: source!.UUID!, Enabled }));
  const tasks = { TableName: output(cloud, 'TasksTable') };
  const old = taskRecord({ created: Math.floor(Date.now() / 1000) - 26 * 3600 });

  await setKeys({ evolink: 'invalid-key' });
  await enable(false);
  await events.send(new DisableRuleCommand(rule));
  await sqs.send(
    new SendMessageCommand({
      QueueUrl: output(cloud, 'StatusDeadLetters'),
      MessageBody: '{"task":"task-gone","attempt":1}',
    }),
  );
  await system.dynamodb.send(new PutItemCommand({ ...tasks, Item: marshall(old) }));
  await subscribe('later@example.com');
  const { healthy, findings } = await statusOf();
  const troubles = findings.filter(({ level }) => level === 'trouble');

  expect(healthy).toBe(false);
  const at = `--endpoint-url ${cloud.endpoint}`;
  expect(troubles.map(({ item, mend }) => [item, mend])).toEqual([
    ['EvoLink', expect.stringContaining(`aws ${at} secretsmanager put-secret-value`)],
    ['OverdueQueue', `aws ${at} lambda update-event-source-mapping --uuid ${source!.UUID} --enabled`],
    [rule.Name, `aws ${at} events enable-rule --event-bus-name wanhook --name ${rule.Name}`],
    ['StatusDeadLetters', `npm run redrive -- ${outputsFile} --go --endpoint ${cloud.endpoint}`],
    ['beyond 25 h', expect.stringContaining(`aws ${at} dynamodb update-item`)],
    [expect.stringContaining('StatusDeadLetters'), expect.stringContaining('describe-alarm-history')],
    ['who hears them', expect.stringContaining('--notification-endpoint later@example.com')],
  ]);

  await setKeys(keys);
  await enable(true);
  await events.send(new EnableRuleCommand(rule));
  await run(redriveCommand, outputsFile, '--go', '--endpoint', cloud.endpoint);
  await system.dynamodb.send(new DeleteItemCommand({ ...tasks, Key: marshall({ id: old.id }) }));
  await confirmAddresses(system.deployment);
  const after = await statusOf();

  // CloudWatch's alarm looks at the last minute.
  const left = after.findings.filter(({ level, part }) => level === 'trouble' && part !== 'alarms');
  expect(left).toEqual([]);
});

test.each([
  ['an unknown option', [outputsFile, '--fix'], 2, /--fix[\s\S]*Usage: npm run status/],
  [
    'an address where nobody listens',
    [outputsFile, '--endpoint', NOWHERE],
    1,
    /✗ Nothing can be asked at .*ECONNREFUSED/,
  ],
])('status: %s', async (_, options, code, message) => {
  const answer = await status(...options);

  expect(answer.code).toBe(code);
  expect(answer.stderr).toMatch(message);
});

test('every model is tried, every image verified, and nothing is left behind', async () => {
  const { code, stdout, stderr } = await against('--json');
  const { results, skipped } = JSON.parse(stdout) as Smoke;

  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(new Set(results.map(({ model }) => model))).toEqual(new Set(modelNames));
  expect(results.flatMap(({ problems }) => problems)).toEqual([]);
  expect(results.flatMap(({ files }) => files)).toHaveLength(13);
  expect(skipped).toEqual([]);
  expect(await made()).toEqual({ rules: 0, queues: 0, keys: 0 });
});

test('a provider that has no key is skipped, and named', async () => {
  await setKeys({ evolink: keys.evolink! });

  const { code, stdout } = await against();

  expect(code).toBe(0);
  expect(stdout).toMatch(/3 tasks passed, 0 failed, 5 images verified/);
  expect(stdout).toMatch(/Not tried, because their provider has no key: wan25_t2i_preview, wan26_i2i/);
});

test('a callbacks’ route that cannot reach its queue is named, before anything is spent', async () => {
  const submitted = system.counted('TaskSubmitted');
  const stop = cloud.onRequest(({ caller, operation }) =>
    caller === 'ApiGateway' && operation === 'SendMessage'
      ? { code: 'AccessDenied', status: 403 }
      : undefined,
  );

  const { code, stdout } = await against();
  stop();

  expect(code).toBe(1);
  expect(stdout).toMatch(
    /The route POST \/v1\/callbacks\/\{taskId\}\/\{signature\}, which hands callbacks to SQS[\s\S]*--without-callbacks/,
  );
  expect(system.counted('TaskSubmitted')).toBe(submitted);
});

test('--without-callbacks goes on where an emulator does not run that route, and says so', async () => {
  await setKeys({ vtrix: keys.vtrix! });
  const stop = cloud.onRequest(({ caller, operation }) =>
    caller === 'ApiGateway' && operation === 'SendMessage'
      ? { code: 'AccessDenied', status: 403 }
      : undefined,
  );

  const { code, stdout } = await against('--without-callbacks');
  stop();

  expect(stdout).toMatch(
    /4 tasks passed, 0 failed, 8 images verified\nNot tried: the route by which callbacks come in/,
  );
  expect(code).toBe(0);
});

test('a request that is refused is a failure with its reason', async () => {
  await setKeys({ evolink: 'invalid-key' });

  const { code, stdout } = await against();

  expect(code).toBe(1);
  expect(stdout).toMatch(/✗ The provider takes no task now and nothing was created/);
  expect(await made()).toEqual({ rules: 0, queues: 0, keys: 0 });
});

test.each([
  ['no outputs file', [], /There must be one outputs file/],
  ['a file that is not there', ['nowhere.json'], /nowhere\.json/],
  ['an address that is none', [outputsFile, '--endpoint', 'here'], /--endpoint must be an http or https URL/],
  ['an unknown option', [outputsFile, '--all'], /--all/],
])('%s ends with 2 and says what is allowed', async (_, options, message) => {
  const { code, stderr } = await smoke(...options);

  expect(code).toBe(2);
  expect(stderr).toMatch(message);
  expect(stderr).toMatch(/Usage: npm run smoke/);
});

test('an outputs file of another stack is named as such', async () => {
  const { code, stderr } = await smoke(otherFile);

  expect(code).toBe(2);
  expect(stderr).toMatch(/No stack of the file has the outputs of a Wanhook/);
});

test('an endpoint where nobody listens ends with 1', async () => {
  const { code, stderr } = await smoke(outputsFile, '--endpoint', NOWHERE);

  expect(code).toBe(1);
  expect(stderr).toMatch(/✗ .*ECONNREFUSED/);
});
