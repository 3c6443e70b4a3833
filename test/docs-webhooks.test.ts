/** The receivers in docs/webhooks.md run, take what we sign and nothing else; its JSON is what the API answers. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, describe, expect, onTestFinished, test } from 'vitest';
import { publicTask } from '../shared/task/public-task.ts';
import { publicDelivery } from '../shared/webhooks/deliveries.ts';
import { webhookHeaders, webhookSecret } from '../shared/webhooks/signature.ts';
import { eventually } from './support/eventually.ts';
import { freePort } from './support/free-port.ts';
import { taskRecord } from './support/records.ts';

const page = await readFile(join(import.meta.dirname, '../docs/webhooks.md'), 'utf8');
const blocks = (language: string): string[] =>
  [...page.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, 'gms'))].map(([, text = '']) => text);

const directory = await mkdtemp(join(tmpdir(), 'wanhook-docs-'));
afterAll(() => rm(directory, { recursive: true, force: true }));

const secret = webhookSecret(randomBytes(32));
const hasPython = spawnSync('python3', ['--version']).status === 0;
const client = pathToFileURL(join(import.meta.dirname, '../client/index.ts')).href;

const receivers = [
  {
    language: 'ts',
    command: process.execPath,
    file: 'receiver.ts',
    runs: true,
    // The package as its users have it is tested in test/client/package.test.ts.
    code: (text: string) => text.replace("'wanhook/client'", `'${client}'`),
  },
  {
    language: 'python',
    command: 'python3',
    file: 'receiver.py',
    runs: hasPython,
    code: (text: string) => text,
  },
];

const isListening = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });

async function start({ language, command, file, code }: (typeof receivers)[number]) {
  const [text = ''] = blocks(language);
  const path = join(directory, file);
  await writeFile(path, code(text));
  const port = await freePort();
  const env = { ...process.env, PORT: String(port), WANHOOK_WEBHOOK_SECRET: secret, PYTHONUNBUFFERED: '1' };
  const program: ChildProcess = spawn(command, [path], { env, stdio: ['ignore', 'pipe', 'ignore'] });
  onTestFinished(() => void program.kill());
  const printed: string[] = [];
  program.stdout!.on('data', (chunk) => printed.push(String(chunk)));
  await eventually(() => isListening(port), 'the receiver');
  return { url: `http://127.0.0.1:${port}/`, printed };
}

describe.each(receivers)('the receiver in $language', (receiver) => {
  test.runIf(receiver.runs)(
    'takes a webhook once, and refuses a changed, an old and a foreign one',
    async () => {
      const { url, printed } = await start(receiver);
      const body = JSON.stringify(
        publicTask(taskRecord({ status: 'completed', prompt: '红狐' }), () => 'link'),
      );
      const post = async (sent: string, headers: Record<string, string>) =>
        (await fetch(url, { method: 'POST', body: sent, headers })).status;
      const signed = (age: number, ...secrets: string[]) => {
        const timestamp = Math.floor(Date.now() / 1000) - age;
        return webhookHeaders({ id: 'task_1:completed', timestamp, body }, secrets);
      };
      const other = webhookSecret(randomBytes(32));

      const statuses = [
        await post(body, signed(0, secret)),
        await post(body, signed(0, other, secret)),
        await post(body.replace('completed', 'Completed'), signed(0, secret)),
        await post(body, signed(360, secret)),
        await post(body, signed(-360, secret)),
        await post(body, signed(0, other)),
        await post(body, {}),
      ];

      expect(statuses).toEqual([204, 204, 400, 400, 400, 400, 400]);
      expect(printed.join('').trim().split('\n')).toHaveLength(1);
      expect(printed.join('')).toContain('completed');
    },
  );
});

test('the JSON on the page has the fields of what the API answers, of the same types', () => {
  const [task, list] = blocks('json').map((text) => JSON.parse(text)) as [
    { callback: object },
    { data: object[] },
  ];
  const callback_url = 'https://hooks.example.com/wanhook';
  const at = 1_767_323_049;
  const webhook = {
    status: 'pending' as const,
    attempts: 2,
    run: '',
    step: 2,
    last_status: 500,
    last_error: 'unexpected_status',
    last_attempt: at,
    next_attempt: at + 2,
  };
  const { callback } = publicTask(taskRecord({ callback_url, webhook }), () => 'link');
  const delivery = publicDelivery({
    task_id: 'task_01JGJ9V9X0000000000000000',
    sent: '',
    webhook_id: 'task_01JGJ9V9X0000000000000000:completed',
    attempt: 2,
    time: at,
    status: 500,
    error: 'unexpected_status',
    duration_ms: 37,
    answer: 'Internal Server Error',
    expires_at: at,
  });

  expect(task.callback).toEqual(callback);
  expect(list.data).toEqual([delivery]);
});

test('every error that an attempt can have is explained', async () => {
  const source = await readFile(join(import.meta.dirname, '../shared/webhooks/post.ts'), 'utf8');
  const [, union = ''] = /export type WebhookError =(.*?);\n\n/s.exec(source) ?? [];
  const errors = [...union.matchAll(/\| '(\w+)'/g)].map(([, name]) => name!);
  const table = page.slice(page.indexOf('| `error`, `last_error` |'));

  expect(errors.length).toBeGreaterThan(10);
  expect(errors.filter((name) => !table.includes(`\`${name}\``))).toEqual([]);
});
