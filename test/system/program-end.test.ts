/** How `npm start` ends: by a signal in order, by a failure with words; nothing is left on the machine either way. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { freePort } from '../support/free-port.ts';

const PROGRAM = resolve(import.meta.dirname, '../../infra/local/start.ts');

interface Started {
  readonly child: ChildProcess;
  /** Its own temporary folder. */
  readonly temporary: string;
  endpoints(): Promise<{ api: string; apiKey: string }>;
  ready(): Promise<unknown>;
  ended(): Promise<{ code: number | null; stderr: string }>;
}

async function directoryFor(name: string): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), `wanhook-${name}-`));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

async function start(
  prepare: (directory: string) => Promise<void> = async () => undefined,
): Promise<Started> {
  const directory = await directoryFor('end');
  const temporary = await directoryFor('tmp');
  await prepare(directory);
  const env = { ...process.env, PORT: String(await freePort()), TMPDIR: temporary };
  const child = spawn(process.execPath, [PROGRAM], {
    cwd: directory,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const printed = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].on('data', (chunk: Buffer) => {
      printed[stream] += chunk.toString();
    });
  }
  const closed = once(child, 'close');
  return {
    child,
    temporary,
    endpoints: async () => JSON.parse(await readFile(join(directory, '.local/endpoints.json'), 'utf8')),
    ready: () => eventually(() => printed.stdout.includes('Wanhook runs at'), 'the start'),
    ended: async () => ({ code: (await closed)[0], stderr: printed.stderr }),
  };
}

/** The process of this name that `pid` has started, or one of its children has. */
async function processBelow(pid: number, name: string): Promise<number | undefined> {
  const { stdout } = await promisify(execFile)('ps', ['-eo', 'pid=,ppid=,comm=']);
  const all = stdout
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/));
  const below = (parent: number): string[][] =>
    all.filter(([, of]) => Number(of) === parent).flatMap((one) => [one, ...below(Number(one[0]))]);
  const found = below(pid).find(([, , command]) => command === name)?.[0];
  return found === undefined ? undefined : Number(found);
}

test.skipIf(process.env.WANHOOK_DYNAMODB_ENDPOINT)(
  'a database that is killed ends it with words',
  async () => {
    const { child, temporary, ready, ended } = await start();
    await ready();
    const database = await processBelow(child.pid!, 'dynoxide');

    process.kill(database!, 'SIGKILL');

    const { code, stderr } = await ended();
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^Wanhook has ended: the local cloud's DynamoDB server has ended .*start the cloud again$/m,
    );
    expect(await readdir(temporary)).toEqual([]);
  },
);

test.skipIf(!existsSync('/dev/full'))('a disk that is full ends it with words', async () => {
  const { temporary, ready, ended, endpoints } = await start(async (directory) => {
    await mkdir(join(directory, '.local'));
    await symlink('/dev/full', join(directory, '.local/events.jsonl'));
  });
  await ready();
  const { api, apiKey } = await endpoints();

  const submitted = fetch(`${api}/v1/images/generations`, {
    method: 'POST',
    headers: { authorization: `Bearer ${apiKey}` },
    body: JSON.stringify({ model: 'wan2.5-text-to-image', prompt: 'on a full disk' }),
  });

  const { code, stderr } = await ended();
  await submitted.catch(() => undefined);
  expect(code).toBe(1);
  expect(stderr).toMatch(/^Wanhook has ended: the local cloud can store nothing more \(ENOSPC.*disk space/m);
  expect(await readdir(temporary)).toEqual([]);
});

test('a signal ends it in order, also while it boots', async () => {
  const [early, late] = [await start(), await start()];
  await eventually(async () => (await readdir(early.temporary)).length > 0, 'the boot');
  early.child.kill('SIGTERM');
  await late.ready();
  late.child.kill('SIGINT');

  expect(await early.ended()).toEqual({ code: 0, stderr: '' });
  expect(await late.ended()).toEqual({ code: 0, stderr: '' });
  expect(await readdir(early.temporary)).toEqual([]);
  expect(await readdir(late.temporary)).toEqual([]);
});

test('a start that fails leaves nothing', async () => {
  const { temporary, ended } = await start(async (directory) => {
    // The file of events cannot be opened: the last thing before the resources are created.
    await mkdir(join(directory, '.local/events.jsonl'), { recursive: true });
  });

  const { code, stderr } = await ended();

  expect(code).toBe(1);
  expect(stderr).toMatch(/^Wanhook could not start\. EISDIR/m);
  expect(await readdir(temporary)).toEqual([]);
});
