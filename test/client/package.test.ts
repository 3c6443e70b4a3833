/** The package as somebody else gets it: packed, installed into an empty folder without a network, compiled, run. */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, onTestFinished, test } from 'vitest';
import { serve } from '../support/server.ts';

const run = promisify(execFile);
const PROJECT = join(import.meta.dirname, '../..');

const folder = await mkdtemp(join(tmpdir(), 'wanhook-package-'));
afterAll(() => rm(folder, { recursive: true, force: true }));
const packed = await pack();
await install();

/** Runs `prepack`, as every `npm pack` does. */
async function pack(): Promise<{ filename: string; files: { path: string }[]; size: number }> {
  const { stdout } = await run('npm', ['pack', '--json', '--pack-destination', folder], { cwd: PROJECT });
  return JSON.parse(stdout)[0];
}

async function install(): Promise<void> {
  await writeFile(join(folder, 'package.json'), JSON.stringify({ private: true, type: 'module' }));
  await run('npm', ['install', '--offline', '--no-audit', '--no-fund', join(folder, packed.filename)], {
    cwd: folder,
  });
}

/** Compiles with the strictest settings, and no types but those that browsers, Deno and workers have too. */
async function compiled(name: string, source: string, more: object = {}): Promise<string> {
  await writeFile(join(folder, name), source);
  const compilerOptions = {
    target: 'ES2022',
    lib: ['ES2022', 'DOM'],
    module: 'NodeNext',
    types: [],
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    outDir: 'out',
    ...more,
  };
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: [name] }));
  const tsc = run(join(PROJECT, 'node_modules/.bin/tsc'), ['--project', folder, '--pretty', 'false']);
  return tsc.then(
    () => '',
    ({ stdout }) => stdout,
  );
}

const execute = (...args: string[]) => run(process.execPath, args, { cwd: folder });

test('it holds what is exported, its types and the README, and nothing else', async () => {
  expect(packed.files.map(({ path }) => path).sort()).toEqual([
    'README.md',
    'dist/client/errors.d.ts',
    'dist/client/event.d.ts',
    'dist/client/index.d.ts',
    'dist/client/index.js',
    'dist/client/requests.d.ts',
    'dist/client/task-list.d.ts',
    'dist/client/task.d.ts',
    'dist/client/usage.d.ts',
    'dist/client/wanhook.d.ts',
    'dist/client/webhook.d.ts',
    'dist/infra/consumers/on-image-task.d.ts',
    'dist/infra/consumers/on-image-task.js',
    'package.json',
  ]);
  expect(packed.size).toBeLessThan(50_000);
});

test('it is named as the page about it says', async () => {
  expect(await readFile(join(PROJECT, 'docs/callers.md'), 'utf8')).toContain(`/${packed.filename}`);
});

test('with it nothing else is installed', async () => {
  expect((await readdir(join(folder, 'node_modules'))).filter((name) => !name.startsWith('.'))).toEqual([
    'wanhook',
  ]);
});

test('the client’s one file imports nothing', async () => {
  const code = await readFile(join(folder, 'node_modules/wanhook/dist/client/index.js'), 'utf8');

  expect(code).not.toMatch(/^\s*import\b|\bimport\(|\brequire\(/m);
});

describe('an example', () => {
  const example = (baseUrl: string) => `
import { InvalidRequestError, models, parseEvent, type Task, verifyWebhook, Wanhook } from 'wanhook/client';

const wanhook = new Wanhook({ baseUrl: '${baseUrl}', apiKey: 'whk_key' });
const task: Task = await wanhook.submit({ model: 'wan2.5-text-to-image', prompt: 'a red boat', n: 2 });
const ids: string[] = [];
for await (const { id } of wanhook.list({ status: 'completed' })) ids.push(id);
const refused: string | undefined = await wanhook.get('wrong').catch((error: unknown) => {
  if (error instanceof InvalidRequestError) return error.param;
  throw error;
}) as string;
console.log(JSON.stringify([task.id, ids, refused, models.length, typeof verifyWebhook, typeof parseEvent]));
`;

  test('compiles without Node’s types, and runs', async () => {
    const server = await serve(({ path }) => {
      if (path === '/v1/tasks/wrong') return { status: 400, json: { error: { code: 'no', param: 'id' } } };
      const list = { object: 'list', data: [{ id: 'task_2' }], next_cursor: null };
      return { json: path.startsWith('/v1/tasks?') ? list : { id: 'task_1' } };
    });
    onTestFinished(() => server.close());

    const problems = await compiled('example.ts', example(server.url));
    const { stdout } = await execute('out/example.js');

    expect(problems).toBe('');
    expect(JSON.parse(stdout)).toEqual(['task_1', ['task_2'], 'id', 4, 'function', 'function']);
  });

  test.each([
    [
      'a field of another model',
      `{ model: 'wan2.5-text-to-image', prompt: 'a', input: { messages: [] } }`,
      "'input' does not exist in type",
    ],
    [
      'a parameter of another model',
      `{ model: 'wan25_t2i_preview', input: { prompt: 'a' }, parameters: { max_images: 2 } }`,
      "'max_images' does not exist in type",
    ],
    ['a missing field', `{ model: 'wan26_i2i' }`, "Property 'input' is missing"],
    ['an unknown model', `{ model: 'wan3', prompt: 'a' }`, '"wan3"'],
  ])('with %s does not compile', async (_, request, problem) => {
    const source = `
import { Wanhook } from 'wanhook/client';
await new Wanhook({ baseUrl: 'https://api.example.com', apiKey: 'whk_key' }).submit(${request});
`;

    expect(await compiled('wrong.ts', source)).toContain(problem);
  });

  test('of CommonJS runs too', async () => {
    const { stdout } = await execute(
      '--input-type=commonjs',
      '-e',
      `console.log(typeof require('wanhook/client').Wanhook)`,
    );

    expect(stdout.trim()).toBe('function');
  });
});

test.each(['wanhook', 'wanhook/dist/client/index.js'])('%s is no way in', async (name) => {
  await expect(execute('--input-type=module', '-e', `await import('${name}')`)).rejects.toThrow(
    'ERR_PACKAGE_PATH_NOT_EXPORTED',
  );
});

test('the construct compiles and synthesizes with the CDK of the project that uses it', async () => {
  await mkdir(join(folder, 'node_modules/@types'), { recursive: true });
  for (const name of ['aws-cdk-lib', 'constructs', '@types/node', 'undici-types']) {
    await symlink(join(PROJECT, 'node_modules', name), join(folder, 'node_modules', name));
  }
  const source = `
import { App, Stack } from 'aws-cdk-lib';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { OnImageTask } from 'wanhook/constructs';

const app = new App();
const stack = new Stack(app, 'Shop');
new OnImageTask(stack, 'OnPicture', { owner: 'shop', models: ['wan26_i2i'], target: new Queue(stack, 'Pictures') });
const { template } = app.synth().getStackByName('Shop');
const rules = Object.values<any>(template.Resources).filter(({ Type }) => Type === 'AWS::Events::Rule');
console.log(JSON.stringify(rules.map(({ Properties }) => Properties.EventPattern)));
`;

  // Not the strictest: the CDK's own types do not stand that.
  const problems = await compiled('stack.ts', source, {
    skipLibCheck: true,
    exactOptionalPropertyTypes: false,
    types: ['node'],
  });
  const { stdout } = await execute('out/stack.js');

  expect(problems).toBe('');
  expect(JSON.parse(stdout)).toEqual([
    {
      source: ['wanhook'],
      'detail-type': ['Image Task Completed', 'Image Task Failed'],
      detail: { owner: ['shop'], task: { model: ['wan26_i2i'] } },
    },
  ]);
});
