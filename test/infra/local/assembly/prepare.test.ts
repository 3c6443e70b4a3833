/** When a kept assembly is used and when not, with an app that writes one in no time. */
import { renameSync, writeFileSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { type AssemblyOptions, prepareAssembly } from '../../../../infra/local/assembly/prepare.ts';
import { forEachProvider } from '../../../../shared/providers/definitions.ts';
import { temporaryDirectory } from '../cloud/stacks.ts';

/** "Bundles" one function by copying it, and puts the first provider's base URL into its template. */
const APP = `
  import { cpSync, readFileSync, writeFileSync } from 'node:fs';
  const out = process.env.CDK_OUTDIR;
  const { wanhook } = JSON.parse(process.env.CDK_CONTEXT_JSON);
  console.error('Bundling asset Wanhook/Functions/Submit/Code/Stage...');
  const source = readFileSync('functions/submit.ts', 'utf8');
  if (source === 'broken') throw new Error('no such construct');
  writeFileSync(out + '/bundle.mjs', source);
  const url = Object.values(wanhook.providerBaseUrls)[0];
  writeFileSync(out + '/Wanhook.template.json', JSON.stringify({ url, text: 'at ' + url + '/v1' }));`;

const urls = (port: number) => forEachProvider((name) => `http://127.0.0.1:${port}/${name}`);

async function scratchProject(source = 'first') {
  const project = await temporaryDirectory();
  const write = async (path: string, text: string) => {
    await mkdir(dirname(join(project, path)), { recursive: true });
    await writeFile(join(project, path), text);
  };
  await write('cdk.json', '{}');
  await write('infra/app.ts', APP);
  await write('functions/submit.ts', source);
  await mkdir(join(project, 'shared'));
  const told: string[] = [];
  const prepare = async (options: Partial<AssemblyOptions> = {}) => {
    const { directory, remove } = await prepareAssembly({
      project,
      settings: {},
      providerBaseUrls: urls(1),
      progress: (line) => told.push(line),
      ...options,
    });
    const bundle = await readFile(join(directory, 'bundle.mjs'), 'utf8');
    const template = JSON.parse(await readFile(join(directory, 'Wanhook.template.json'), 'utf8'));
    await remove();
    return { bundle, template };
  };
  const syntheses = () => told.filter((line) => line.startsWith('Synthesizing')).length;
  return { project, write, told, prepare, syntheses };
}

test('the first time it is synthesized, saying so; the second time it is there', async () => {
  const { prepare, told, syntheses } = await scratchProject();

  const first = await prepare();
  const second = await prepare();

  expect(syntheses()).toBe(1);
  expect(told).toContain('  bundling Submit');
  expect(second).toEqual(first);
});

test('other addresses of the providers need no other synthesis, and stand in the template', async () => {
  const { prepare, syntheses } = await scratchProject();
  await prepare();

  const { template } = await prepare({ providerBaseUrls: Promise.resolve(urls(2)) });

  const [url] = Object.values(urls(2));
  expect(template).toEqual({ url, text: `at ${url}/v1` });
  expect(syntheses()).toBe(1);
});

test('a changed source is never served from the old bundle; changed back, its bundle is still there', async () => {
  const { prepare, write, syntheses } = await scratchProject('first');
  const bundles = [(await prepare()).bundle];

  await write('functions/submit.ts', 'second');
  bundles.push((await prepare()).bundle);
  await write('functions/submit.ts', 'first');
  bundles.push((await prepare()).bundle);

  expect(bundles).toEqual(['first', 'second', 'first']);
  expect(syntheses()).toBe(2);
});

test('a source that is saved during the synthesis counts, and is not kept under what was there before', async () => {
  const { project, prepare, write, syntheses } = await scratchProject('first');
  // Once and whole, as an editor saves: a write in place would be read half done.
  let isSaved = false;
  const progress = (line: string) => {
    if (isSaved || !line.includes('bundling')) return;
    isSaved = true;
    writeFileSync(join(project, 'saved.ts'), 'second');
    renameSync(join(project, 'saved.ts'), join(project, 'functions/submit.ts'));
  };

  const during = await prepare({ progress });
  await write('functions/submit.ts', 'first');
  const back = await prepare();

  expect([during.bundle, back.bundle]).toEqual(['second', 'first']);
  expect(syntheses()).toBe(1);
});

test('other settings are another assembly', async () => {
  const { prepare, syntheses } = await scratchProject();
  await prepare();

  await prepare({ settings: { firstReadSeconds: 1 } });

  expect(syntheses()).toBe(2);
});

test('two at once both have it whole', async () => {
  const { project, prepare } = await scratchProject();

  const both = await Promise.all([prepare(), prepare()]);

  expect(both[0]).toEqual(both[1]);
  expect(both[0].bundle).toBe('first');
  expect(await readdir(join(project, '.local/assemblies'))).toHaveLength(1);
});

test.each([
  ['a source that does not synthesize', 'broken', urls(1), 'no such construct'],
  ['an address that is none', 'first', forEachProvider(() => 'nowhere'), 'must be an http or https URL'],
])(
  '%s is an error that says so, and leaves nothing under way',
  async (_, source, providerBaseUrls, message) => {
    const { project, prepare } = await scratchProject(source);

    await expect(prepare({ providerBaseUrls })).rejects.toThrow(message);

    const left = await readdir(join(project, '.local/assemblies'));
    expect(left.filter((name) => !/^[0-9a-f]{64}$/.test(name))).toEqual([]);
  },
);
