/** What an assembly depends on changes its fingerprint, and nothing else does. */
import { existsSync, readdirSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';
import { expect, test } from 'vitest';
import { FILES, fingerprint, SOURCES } from '../../../../infra/local/assembly/fingerprint.ts';
import { temporaryDirectory } from '../cloud/stacks.ts';

const context = { wanhook: { firstReadSeconds: 10 } };

async function project(): Promise<{
  directory: string;
  write(path: string, text: string): Promise<void>;
}> {
  const directory = await temporaryDirectory();
  const write = async (path: string, text: string) => {
    await mkdir(dirname(join(directory, path)), { recursive: true });
    await writeFile(join(directory, path), text);
  };
  await write('infra/app.ts', 'app');
  await write('functions/submit/handler.ts', 'submit');
  await write('shared/task/record.ts', 'record');
  await write('package-lock.json', '{}');
  return { directory, write };
}

test('the same sources have the same fingerprint, wherever they lie', async () => {
  const [one, two] = [await project(), await project()];

  const prints = await Promise.all([one, two].map(({ directory }) => fingerprint(directory, context)));

  expect(prints[0]).toMatch(/^[0-9a-f]{64}$/);
  expect(prints[1]).toBe(prints[0]);
});

test.each([
  ['a changed source of a function', 'functions/submit/handler.ts'],
  ['a changed source that functions share', 'shared/task/record.ts'],
  ['a changed stack', 'infra/app.ts'],
  ['a changed source of the page', 'functions/page/web/components/app.tsx'],
  ['a changed style sheet', 'functions/page/web/styles/base.css'],
  ['a new source', 'shared/task/other.ts'],
  ['a new source of another kind', 'shared/task/words.json'],
  ['another lock file', 'package-lock.json'],
  ['another set of installed packages', 'node_modules/.package-lock.json'],
  ['another document that a function serves', 'docs/openapi.json'],
  ['another cdk.json', 'cdk.json'],
  ['another tsconfig.json', 'tsconfig.json'],
  ['another way to synthesize', 'infra/local/assembly/synthesize.ts'],
])('%s changes it', async (_, path) => {
  const { directory, write } = await project();
  const before = await fingerprint(directory, context);

  await write(path, 'changed');

  expect(await fingerprint(directory, context)).not.toBe(before);
});

test('another context changes it', async () => {
  const { directory } = await project();

  const other = await fingerprint(directory, { wanhook: { firstReadSeconds: 1 } });

  expect(other).not.toBe(await fingerprint(directory, context));
});

test('a source that is gone changes it, also where its neighbour takes its text', async () => {
  const { directory, write } = await project();
  await write('shared/a.ts', 'one');
  await write('shared/b.ts', 'two');
  const before = await fingerprint(directory, context);

  await rm(join(directory, 'shared/b.ts'));
  await write('shared/a.ts', 'onetwo');

  expect(await fingerprint(directory, context)).not.toBe(before);
});

test.each(['README.md', 'test/a.test.ts', 'infra/local/cloud/index.ts', 'infra/local/providers/main.ts'])(
  '%s is no part of it',
  async (path) => {
    const { directory, write } = await project();
    const before = await fingerprint(directory, context);

    await write(path, 'changed');

    expect(await fingerprint(directory, context)).toBe(before);
  },
);

test('whatever a function bundles is among what the fingerprint reads', async () => {
  const root = join(import.meta.dirname, '../../../..');
  const handlers = readdirSync(join(root, 'functions')).map((name) =>
    join(root, 'functions', name, 'handler.ts'),
  );

  const { metafile } = await build({
    entryPoints: handlers.filter((file) => existsSync(file)),
    bundle: true,
    write: false,
    metafile: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    outdir: 'out',
    absWorkingDir: root,
    logLevel: 'silent',
  });
  const inputs = Object.keys(metafile.inputs);

  expect(inputs.length).toBeGreaterThan(50);
  expect(
    inputs.filter(
      (path) => !FILES.includes(path) && !SOURCES.some((folder) => path.startsWith(`${folder}/`)),
    ),
  ).toEqual([]);
});
