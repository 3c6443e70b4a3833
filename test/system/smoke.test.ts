/** `npm run smoke`, as an operator runs it: against a deployment that it knows by its outputs and one address. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ScanCommand } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient, ListRulesCommand } from '@aws-sdk/client-eventbridge';
import { afterAll, afterEach, expect, test } from 'vitest';
import { output } from '../../infra/local/deploy.ts';
import type { Smoke } from '../../infra/operations/smoke/run-smoke.ts';
import { modelNames } from '../../shared/providers/definitions.ts';
import { startSystem } from './system.ts';

const system = await startSystem();
const { cloud } = system;
const directory = await mkdtemp(join(tmpdir(), 'wanhook-smoke-'));
const outputsFile = join(directory, 'outputs.json');
await writeFile(outputsFile, JSON.stringify({ Wanhook: cloud.outputs }));
afterAll(() => rm(directory, { recursive: true, force: true }));

const command = join(import.meta.dirname, '../../infra/operations/smoke.ts');
const keys = await system.providerKeys();
/** As if it had been so for five minutes: no function remembers the keys before. */
async function setKeys(next: Readonly<Record<string, string>>): Promise<void> {
  await system.setProviderKeys(next);
  for (const fn of cloud.functions()) fn.kill();
}
afterEach(() => setKeys(keys));

function smoke(...options: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [command, ...options],
      { cwd: directory, env: { PATH: process.env.PATH } },
      (error, stdout, stderr) => resolve({ code: error ? Number(error.code) : 0, stdout, stderr }),
    );
  });
}

const against = (...more: string[]) => smoke(outputsFile, '--endpoint', cloud.endpoint, ...more);

/** What a run makes and has to remove. */
async function made() {
  const { client } = system.deployment;
  const events = new EventBridgeClient({ ...client, endpoint: cloud.endpoints.eventbridge });
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
  const other = join(directory, 'other.json');
  await writeFile(other, JSON.stringify({ Other: { Url: 'https://example.com' } }));

  const { code, stderr } = await smoke(other);

  expect(code).toBe(2);
  expect(stderr).toMatch(/No stack of the file has the outputs of a Wanhook/);
});

test('an endpoint where nobody listens ends with 1', async () => {
  const { code, stderr } = await smoke(outputsFile, '--endpoint', 'http://127.0.0.1:1');

  expect(code).toBe(1);
  expect(stderr).toMatch(/✗ .*ECONNREFUSED/);
});
