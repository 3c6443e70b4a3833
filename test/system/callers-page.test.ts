/** Every snippet of docs/callers.md, docs/webhooks.md and the README's API, as it stands there, against the whole system. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type Task, Wanhook } from '../../client/index.ts';
import { sha256 } from '../../shared/runtime/json.ts';
import { eventually } from '../support/eventually.ts';
import { freePort } from '../support/free-port.ts';
import { type Seen, serve } from '../support/server.ts';
import { compileSnippets, consumerFolder, isPrinted, type Snippet, snippetsOf } from '../support/snippets.ts';
import { startSystem, textToImage } from './system.ts';

const run = promisify(execFile);
const has = (program: string, ...args: string[]) =>
  run(program, args).then(
    () => true,
    () => false,
  );

const hasCurl = await has('curl', '--version');
const hasPython = await has('python3', '--version');
const system = await startSystem();
const { apiKey, webhookSecret } = system.deployment;
const wanhook = new Wanhook({ baseUrl: system.cloud.apiUrl, apiKey });
const kept = await completedTask();
const receiver = await serve(() => ({ status: 204 }));

const pages = (
  await Promise.all(['README.md', 'docs/callers.md', 'docs/webhooks.md'].map(snippetsOf))
).flat();
const isServer = ({ code }: Snippet) => /createServer|HTTPServer/.test(code);
const curls = pages.filter(({ language, code }) => language === 'sh' && code.startsWith('curl '));
const typescript = pages.filter(({ language }) => language === 'ts');
const python = pages.filter(({ language }) => language === 'python');
const folder = await consumerFolder();
const compiled = await compileSnippets(folder, typescript);
const fileOf = (snippet: Snippet) => compiled[typescript.indexOf(snippet)]!;

const env = {
  PATH: process.env.PATH,
  API: system.cloud.apiUrl,
  KEY: apiKey,
  TASK: kept.id,
  RECEIVER: receiver.url,
  WANHOOK_WEBHOOK_SECRET: webhookSecret,
  PYTHONUNBUFFERED: '1',
};

/** What the page's queries find. */
async function completedTask(): Promise<Task> {
  const { body } = await system.submit(textToImage('kept', { metadata: { order: '1042' } }));
  return system.ended(body.id);
}

test('there is something to run', () => {
  expect(curls.length).toBeGreaterThanOrEqual(7);
  expect(typescript.length).toBeGreaterThanOrEqual(7);
  expect(typescript.filter(isServer)).toHaveLength(1);
  expect(python.filter(isServer)).toHaveLength(1);
});

describe.skipIf(!hasCurl)('curl', () => {
  test.each(curls)('$where', async ({ code, prints }) => {
    const { stdout } = await run('bash', ['-euc', code], { cwd: folder, env });

    if (prints === undefined) expect(JSON.parse(stdout)).toMatchObject({ object: expect.any(String) });
    else expect(stdout).toSatisfy((printed: string) => isPrinted(prints, printed), prints);
  });
});

describe('TypeScript', () => {
  test.each(typescript.filter((snippet) => !isServer(snippet)))('$where', async (snippet) => {
    const { stdout } = await run(process.execPath, [fileOf(snippet)], { cwd: folder, env });

    const { prints } = snippet;
    expect(prints).toBeDefined();
    expect(stdout).toSatisfy((printed: string) => isPrinted(prints!, printed), prints);
  });

  test('the image that was fetched is the one of the task', async () => {
    const [image] = kept.images;

    expect(sha256(await readFile(join(folder, 'picture')))).toBe(image!.sha256);
  });
});

describe('a receiver', () => {
  /** Runs one until the end of the test. */
  async function started(command: string, ...args: string[]) {
    const port = await freePort();
    const child = spawn(command, args, {
      cwd: folder,
      env: { ...env, PORT: String(port) },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    onTestFinished(async () => {
      child.kill();
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    });
    const printed: string[] = [];
    createInterface(child.stdout).on('line', (line) => printed.push(line));
    const url = `http://127.0.0.1:${port}/`;
    await eventually(() => fetch(url).catch(() => undefined), 'the receiver');
    return { url, printed };
  }

  /** A real webhook, as it came here. */
  async function aWebhook(): Promise<Seen> {
    await wanhook.testWebhook(receiver.url);
    return receiver.seen.at(-1)!;
  }

  const post = async (url: string, { headers, body }: Pick<Seen, 'headers' | 'body'>) => {
    const sent = Object.entries(headers).filter(([name]) => /^(webhook-|content-type)/.test(name));
    return (await fetch(url, { method: 'POST', headers: sent as [string, string][], body })).status;
  };

  async function expectVerifying({ url, printed }: { url: string; printed: readonly string[] }) {
    const genuine = await wanhook.testWebhook(url);
    const webhook = await aWebhook();
    const old = String(Number(webhook.headers['webhook-timestamp']) - 360);

    expect(genuine).toMatchObject({ delivered: true, status: 204 });
    expect(await post(url, webhook)).toBe(204);
    expect(await post(url, { ...webhook, body: webhook.body.replace('true', 'True') })).toBe(400);
    expect(await post(url, { ...webhook, headers: { ...webhook.headers, 'webhook-timestamp': old } })).toBe(
      400,
    );
    expect(await post(url, webhook)).toBe(204);
    const ids = [genuine.webhook_id, webhook.headers['webhook-id'] as string].map((id) => id.split(':')[0]);
    const taken = () => printed.filter((line) => line.includes(' completed '));
    await eventually(() => taken().length >= 2, 'what the receiver prints');
    // Each once, although one of them came twice.
    expect(taken()).toEqual(ids.map((id) => expect.stringContaining(`${id} completed`)));
  }

  test('in TypeScript', async () => {
    await expectVerifying(await started(process.execPath, fileOf(typescript.find(isServer)!)));
  });

  test.skipIf(!hasPython)('in Python', async () => {
    await expectVerifying(await started('python3', '-c', python.find(isServer)!.code));
  });
});
