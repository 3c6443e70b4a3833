/** `npm start` with a provider elsewhere: what it writes down is true, and what it kept is there the next time. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { createCanvas } from '@napi-rs/canvas';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { newKey } from '../../infra/operations/api-keys.ts';
import { sha256 } from '../../shared/runtime/json.ts';
import type { PublicTask } from '../../shared/task/public-task.ts';
import { eventually } from '../support/eventually.ts';
import { freePort } from '../support/free-port.ts';
import { type Seen, serve } from '../support/server.ts';

const PROGRAM = resolve(import.meta.dirname, '../../infra/local/start.ts');
const ASSEMBLIES = resolve(import.meta.dirname, '../../.local/assemblies');
const KEY = newKey();
const picture = createCanvas(40, 30).toBuffer('image/png');

interface Endpoints {
  readonly api: string;
  readonly apiKey: string;
  readonly owner: string;
  readonly webhookSecret: string;
  readonly providers: Record<string, string>;
  readonly dynamodb: string;
  readonly tasksTable: string;
  readonly s3: string;
  readonly bucket: string;
  readonly events: string;
}

let directory: string;
let provider: Server;
let providerUrl: string;
const received: { authorization: string | undefined; body: Record<string, unknown> }[] = [];

/** Some other server that speaks as EvoLink does, and knows nothing of ours. */
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'wanhook-start-'));
  provider = createServer(async (request, response) => {
    if (request.method === 'GET') return response.end(picture);
    received.push({
      authorization: request.headers.authorization,
      body: JSON.parse(await text(request)),
    });
    response.setHeader('content-type', 'application/json');
    return response.end(JSON.stringify({ id: 'task-elsewhere-1', status: 'pending', created: 1 }));
  });
  provider.listen(0, '127.0.0.1');
  await once(provider, 'listening');
  providerUrl = `http://127.0.0.1:${(provider.address() as AddressInfo).port}`;
});

afterAll(async () => {
  provider.close();
  await rm(directory, { recursive: true, force: true });
});

function spawnStart(port: number, apiKey = KEY): ChildProcess {
  return spawn(process.execPath, [PROGRAM], {
    cwd: directory,
    env: {
      ...process.env,
      PORT: String(port),
      EVOLINK_BASE_URL: providerUrl,
      EVOLINK_API_KEY: 'their-key',
      WANHOOK_API_KEY: apiKey,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

async function start(port: number): Promise<{ child: ChildProcess; endpoints: Endpoints }> {
  const child = spawnStart(port);
  child.stderr!.pipe(process.stderr);
  for await (const line of createInterface(child.stdout!)) if (line.startsWith('Wanhook runs at')) break;
  child.stdout!.resume();
  return { child, endpoints: JSON.parse(await readFile(endpointsOf(port), 'utf8')) };
}

const LATEST = '.local/endpoints.json';
const endpointsOf = (port: number) => join(directory, `.local/state-${port}/endpoints.json`);

async function stop(child: ChildProcess): Promise<void> {
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  await exited;
}

const call = async <T>({ api, apiKey }: Endpoints, path: string, body?: unknown): Promise<T> => {
  const response = await fetch(`${api}${path}`, {
    headers: { authorization: `Bearer ${apiKey}` },
    ...(body !== undefined && { method: 'POST', body: JSON.stringify(body) }),
  });
  return (await response.json()) as T;
};

/** With credentials of our own making, as somebody would who only knows the addresses. */
const anyone = { region: 'us-east-1', credentials: { accessKeyId: 'anyone', secretAccessKey: 'anything' } };

test('a request goes there with our callback URL, a callback by hand completes it, and all stays', async () => {
  const port = await freePort();
  const first = await start(port);
  const { endpoints } = first;

  const receiver = await serve(() => ({ status: 204 }));
  onTestFinished(() => receiver.close());
  const { id } = await call<PublicTask>(endpoints, '/v1/images/generations', {
    model: 'wan2.5-text-to-image',
    prompt: 'by hand',
    callback_url: `${receiver.url}/hook`,
  });
  const { authorization, body: sent } = received[0]!;
  const answer = await fetch(String(sent.callback_url), {
    method: 'POST',
    body: JSON.stringify({ id: 'task-elsewhere-1', status: 'completed', results: [`${providerUrl}/a.png`] }),
  });
  const task = await eventually(async () => {
    const now = await call<PublicTask>(endpoints, `/v1/tasks/${id}`);
    return now.callback?.status === 'delivered' ? now : undefined;
  }, 'the completed task, and its webhook');

  const [{ body: webhook, headers }] = receiver.seen as [Seen];

  expect(
    new Webhook(endpoints.webhookSecret).verify(webhook, headers as Record<string, string>),
  ).toMatchObject({ id, status: 'completed' });
  expect(endpoints).toMatchObject({
    api: `http://127.0.0.1:${port}`,
    apiKey: KEY,
    events: '.local/events.jsonl',
  });
  expect(endpoints.providers.evolink).toBe(providerUrl);
  expect(authorization).toBe('Bearer their-key');
  expect(sent.callback_url).toMatch(new RegExp(`^${endpoints.api}/v1/callbacks/${id}/`));
  expect(answer.status).toBe(200);
  expect(task.images).toMatchObject([{ width: 40, height: 30, sha256: sha256(picture) }]);
  const object = await new S3Client({ ...anyone, endpoint: endpoints.s3, forcePathStyle: true }).send(
    new GetObjectCommand({ Bucket: endpoints.bucket, Key: task.images[0]!.s3.key }),
  );
  expect(sha256(await object.Body!.transformToByteArray())).toBe(sha256(picture));
  const { Item } = await new DynamoDBClient({ ...anyone, endpoint: endpoints.dynamodb }).send(
    new GetItemCommand({ TableName: endpoints.tasksTable, Key: { id: { S: id } } }),
  );
  expect(Item).toMatchObject({ status: { S: 'completed' }, owner: { S: endpoints.owner } });
  const events = await eventually(async () => {
    const lines = (await readFile(join(directory, endpoints.events), 'utf8')).trim().split('\n');
    return lines.length >= 2 ? lines.map((line) => JSON.parse(line)) : undefined;
  }, 'two events');
  expect(events.map((event) => event.detail.id)).toEqual([`${id}:created`, `${id}:completed`]);
  // Its webhook is sent after the event, because of it.
  expect(events[1].detail.task).toEqual({ ...task, callback: expect.objectContaining({ attempts: 0 }) });

  await stop(first.child);
  const second = await start(port);
  const list = await call<{ data: PublicTask[] }>(second.endpoints, '/v1/tasks');
  const again = await fetch(list.data[0]!.results[0]!);
  await stop(second.child);

  expect(list.data).toEqual([task]);
  expect(sha256(Buffer.from(await again.arrayBuffer()))).toBe(sha256(picture));
});

/** The assemblies, copies of runs too, in whose template this address stands. Other runs may remove theirs meanwhile. */
async function assembliesNaming(url: string): Promise<string[]> {
  const files = await readdir(ASSEMBLIES, { recursive: true }).catch(() => []);
  const templates = files.filter((file) => file.endsWith('.template.json'));
  const texts = await Promise.all(
    templates.map((file) => readFile(join(ASSEMBLIES, file), 'utf8').catch(() => '')),
  );
  return templates.filter((_, index) => texts[index]!.includes(url));
}

test('two started at once at two ports do not disturb each other, and what holds keys is for their owner alone', async () => {
  const ports = [await freePort(), await freePort()];

  const both = await Promise.all(ports.map(start));
  const lists = await Promise.all(
    both.map(({ endpoints }) => call<{ data: PublicTask[] }>(endpoints, '/v1/tasks')),
  );
  const files = [join(directory, LATEST), ...ports.map(endpointsOf)];
  const modes = await Promise.all(files.map(async (file) => (await stat(file)).mode & 0o777));
  const latest = JSON.parse(await readFile(join(directory, LATEST), 'utf8'));
  const copies = await assembliesNaming(providerUrl);
  await Promise.all(both.map(({ child }) => stop(child)));

  expect(lists).toMatchObject([{ data: [] }, { data: [] }]);
  expect(both.map(({ endpoints }) => endpoints.api)).toEqual(ports.map((port) => `http://127.0.0.1:${port}`));
  expect(both.map(({ endpoints }) => endpoints)).toContainEqual(latest);
  expect(modes).toEqual([0o600, 0o600, 0o600]);
  expect(copies).toEqual([]);
  expect(await readdir(join(directory, '.local'))).not.toContainEqual(expect.stringMatching(/json\.\d+$/));
});

test('a start at a port that is taken says so, ends with 1, and leaves the addresses of the one that runs', async () => {
  const port = await freePort();
  const { child, endpoints } = await start(port);

  const second = spawnStart(port);
  const said = text(second.stderr!);
  const [code] = await once(second, 'exit');
  const after = JSON.parse(await readFile(endpointsOf(port), 'utf8'));
  await stop(child);

  expect(code).toBe(1);
  expect(await said).toBe(
    `Wanhook could not start. Port ${port} cannot be had: stop what listens there, or set PORT to another\n`,
  );
  expect(after).toEqual(endpoints);
});

test('a start with a key that no function would take says so, and ends with 1', async () => {
  const child = spawnStart(await freePort(), KEY.slice(0, -1));
  const said = text(child.stderr!);
  const [code] = await once(child, 'exit');

  expect(code).toBe(1);
  expect(await said).toContain('WANHOOK_API_KEY must be a key that an earlier start has printed');
});
