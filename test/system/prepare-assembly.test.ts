/** The real stack, kept: the same as synthesized, and never older than its sources. */
import { cp, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { prepareAssembly } from '../../infra/local/assembly/prepare.ts';
import { synthesize } from '../../infra/local/assembly/synthesize.ts';
import { localSettings } from '../../infra/local/deploy.ts';
import { forEachProvider } from '../../shared/providers/definitions.ts';
import { functionAssets } from '../support/function-assets.ts';

const PROJECT = resolve(import.meta.dirname, '../..');
const CHANGED = 'shared/http/problem.ts';

let project: string;
beforeAll(async () => {
  project = await mkdtemp(join(tmpdir(), 'wanhook-project-'));
  const parts = [
    'infra',
    'functions',
    'shared',
    'cdk.json',
    'package.json',
    'package-lock.json',
    'tsconfig.json',
    'docs/openapi.json',
  ];
  for (const part of parts) await cp(join(PROJECT, part), join(project, part), { recursive: true });
  await symlink(join(PROJECT, 'node_modules'), join(project, 'node_modules'));
});
afterAll(() => rm(project, { recursive: true, force: true }));

const settings = { ...localSettings, firstReadSeconds: 1 };
const providerBaseUrls = forEachProvider((name) => `http://127.0.0.1:12345/${name}`);

/** The template and every bundle, by name; the stack's own asset manifest names the template by its hash. */
async function contents(directory: string): Promise<Record<string, string>> {
  const files = (await readdir(directory, { recursive: true })).filter(
    (name) => name.endsWith('.template.json') || name.endsWith('index.mjs'),
  );
  const read = files.map(async (name) => [name, await readFile(join(directory, name), 'utf8')] as const);
  return Object.fromEntries(await Promise.all(read));
}

const bundles = async (directory: string) =>
  Promise.all(
    (await functionAssets(directory)).map((asset) => readFile(join(asset.directory, 'index.mjs'), 'utf8')),
  );

test('a kept assembly with its addresses filled in is the one that is synthesized with them', async () => {
  const outdir = join(project, 'cdk.out');
  const context = { wanhook: { ...settings, providerBaseUrls } };
  await synthesize({ project, outdir, context, validate: true });

  const { directory, remove } = await prepareAssembly({ project, settings, providerBaseUrls });
  const kept = await contents(directory);
  await remove();

  expect(Object.keys(kept).length).toBeGreaterThan(5);
  expect(kept).toEqual(await contents(outdir));
  const report = JSON.parse(await readFile(join(outdir, 'validation-report.json'), 'utf8'));
  expect(report.pluginReports, 'what the CDK’s rules for templates find').toEqual([]);
});

test('a source that was changed is in the bundles of the next start', async () => {
  const first = await prepareAssembly({ project, settings, providerBaseUrls });
  const before = await bundles(first.directory);
  const source = await readFile(join(project, CHANGED), 'utf8');
  await writeFile(join(project, CHANGED), `${source}\nconsole.log('a line that no bundle had');\n`);

  const second = await prepareAssembly({ project, settings, providerBaseUrls });
  const after = await bundles(second.directory);

  expect(before.filter((bundle) => bundle.includes('a line that no bundle had'))).toHaveLength(0);
  expect(
    after.filter((bundle) => bundle.includes('a line that no bundle had')).length,
  ).toBeGreaterThanOrEqual(2);
});
