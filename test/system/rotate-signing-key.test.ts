/** The signing key rotates under work: callbacks, links and repeated requests from before go on as they were. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  GetSecretValueCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { PurgeQueueCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, expect, test } from 'vitest';
import { output } from '../../infra/local/deploy.ts';
import { eventually } from '../support/eventually.ts';
import { post, silentTask } from './silent-task.ts';
import { startSystem, textToImage } from './system.ts';

const system = await startSystem();
const { cloud } = system;
const directory = await mkdtemp(join(tmpdir(), 'wanhook-rotate-'));
const outputsFile = join(directory, 'outputs.json');
await writeFile(outputsFile, JSON.stringify({ Wanhook: cloud.outputs }));
afterAll(() => rm(directory, { recursive: true, force: true }));

const secrets = new SecretsManagerClient({
  ...system.deployment.client,
  endpoint: cloud.endpoints.secretsmanager,
});
const SecretId = output(cloud, 'SigningKeysSecret');
const stored = async () =>
  JSON.parse((await secrets.send(new GetSecretValueCommand({ SecretId }))).SecretString!);

const command = join(import.meta.dirname, '../../infra/operations/rotate-signing-key.ts');

/** Runs the command as an operator does, in a process that knows the cloud by its environment only. */
function rotate(...options: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const env = { PATH: process.env.PATH, ...cloud.environment() };
  return new Promise((resolve) => {
    execFile(process.execPath, [command, ...options], { env }, (error, stdout, stderr) =>
      resolve({ code: error ? Number(error.code) : 0, stdout, stderr }),
    );
  });
}

/** As if so many seconds had gone by: the keys sign earlier, and no function remembers them. */
async function letPass(seconds: number): Promise<void> {
  const keys = await stored();
  const earlier = { ...keys, signs_from: keys.signs_from - seconds };
  await secrets.send(new PutSecretValueCommand({ SecretId, SecretString: JSON.stringify(earlier) }));
  for (const fn of cloud.functions()) fn.kill();
}

/** Its prompt is its `Idempotency-Key` too. */
const taskWith = (prompt: string) => silentTask(system, prompt, {}, { 'idempotency-key': prompt });

test('with two keys: what the old one signed is accepted, the new one signs, and nothing is paid again', async () => {
  const ended = await taskWith('ended before');
  await post(ended.url, ended.report);
  const [link = ''] = (await system.ended(ended.id)).results;
  const underWay = await taskWith('under way');
  const creates = async () =>
    (await system.evolink.calls()).requests.filter(({ method }) => method === 'POST');
  const paid = (await creates()).length;

  const { code, stdout } = await rotate(outputsFile);
  await letPass(600);

  expect([code, stdout]).toEqual([
    0,
    expect.stringMatching(/^Key 2 signs from .*\nKey 1 stays accepted\.\n$/),
  ]);
  await post(underWay.url, underWay.report);
  expect((await system.ended(underWay.id)).status).toBe('completed');
  expect((await fetch(link)).status).toBe(200);
  const repeated = await system.submit(textToImage('under way'), { 'idempotency-key': 'under way' });
  expect(repeated.body.id).toBe(underWay.id);
  expect(repeated.headers.get('idempotent-replayed')).toBe('true');
  expect(await creates()).toHaveLength(paid);
  const next = await taskWith('after');
  expect(next.url).toContain(`/${next.id}/2-`);
  expect((await system.ended(ended.id)).results[0]).toContain('-2-');
  await post(next.url, next.report);
  expect((await system.ended(next.id)).status).toBe('completed');
});

test('a key is not dropped while its callbacks may come, nor while some are dead letters', async () => {
  const before = await stored();

  const early = await rotate(outputsFile);
  await letPass(6 * 86_400);
  const sqs = new SQSClient({ ...system.deployment.client, endpoint: cloud.endpoints.sqs });
  const QueueUrl = cloud.queue('CallbacksDeadLetters').url;
  await sqs.send(
    new SendMessageCommand({
      QueueUrl,
      MessageBody: 'a callback',
      MessageGroupId: 'group',
      MessageDeduplicationId: 'once',
    }),
  );
  const withDeadLetters = await rotate(outputsFile);
  await sqs.send(new PurgeQueueCommand({ QueueUrl }));

  expect([early.code, early.stderr]).toEqual([1, expect.stringContaining('key 1 signed may come in until')]);
  expect([withDeadLetters.code, withDeadLetters.stderr]).toEqual([
    1,
    expect.stringContaining('1 callbacks are dead letters'),
  ]);
  expect((await stored()).secret).toBe(before.secret);
  expect((await rotate(outputsFile)).code).toBe(0);
  expect(await stored()).toMatchObject({ id: '3', previous: { id: '2' } });
});

test('a key that leaked is dropped at once: what it signed is forged', async () => {
  const task = await taskWith('signed by a leaked key');
  const [, key = ''] = /\/(\d+)-[^/]+$/.exec(task.url) ?? [];
  while ([(await stored()).id, (await stored()).previous.id].includes(key)) {
    expect((await rotate(outputsFile, '--drop-previous')).code).toBe(0);
  }
  await letPass(0);
  const forged = system.counted('CallbackHandled', 'forged');

  await post(task.url, task.report);

  await eventually(() => system.counted('CallbackHandled', 'forged') > forged || undefined, 'the count');
  expect((await system.task(task.id)).status).toBe('pending');
});

test.each([
  ['no file', [], 'There must be one outputs file'],
  ['a file that is not there', [join(directory, 'none.json')], 'ENOENT'],
  ['an unknown option', [outputsFile, '--force'], '--force'],
])('called with %s: how it is called, and 2', async (_, options, said) => {
  const { code, stderr, stdout } = await rotate(...options);

  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toContain(said);
  expect(stderr).toContain('Usage: npm run rotate-signing-key');
});
