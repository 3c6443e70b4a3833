/**
 * `npm pack` runs this first: builds what other projects import, into `dist/`, and nothing else gets into the package
 * (`files` in package.json). A client of one file without imports, and a construct that finds the CDK of its project.
 *
 *   node infra/package/build.ts [directory]
 */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { build } from 'esbuild';
import { declarations, entries } from './declarations.ts';

const PROJECT = join(import.meta.dirname, '../..');
const directory = resolve(process.argv[2] ?? join(PROJECT, 'dist'));

await rm(directory, { recursive: true, force: true });
await build({
  absWorkingDir: PROJECT,
  entryPoints: [...entries],
  outbase: '.',
  outdir: directory,
  bundle: true,
  format: 'esm',
  platform: 'neutral',
  // Node 20 is the oldest that engines in package.json allows.
  target: 'node20',
  external: ['aws-cdk-lib', 'constructs'],
});
for (const [path, text] of await declarations()) {
  const file = join(directory, path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
}
