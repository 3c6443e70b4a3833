/** How long a bundle takes to import, against a bundle of nothing but the SDK clients and commands that it uses. */
import { execFile } from 'node:child_process';
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { BUNDLE } from '../../infra/constructs/bundling.ts';
import type { FunctionAsset } from '../support/function-assets.ts';
import { type Comparison, compare } from './statistics.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const run = promisify(execFile);

export interface ImportFigure extends Comparison {
  readonly bytes: number;
}

/** @param directory where the floor bundles are put */
export async function measureImport(asset: FunctionAsset, directory: string): Promise<ImportFigure> {
  const file = join(asset.directory, 'index.mjs');
  const floor = await buildFloor(asset.folder, directory);
  const compared = await compare(
    `import ${asset.folder}`,
    { warmUp: 1, counted: 11, goal: 1.5 },
    () => importTime(floor, asset.environment),
    () => importTime(file, asset.environment),
  );
  return { ...compared, bytes: (await stat(file)).size };
}

/** In a process of its own, because a second import costs nothing. */
async function importTime(file: string, environment: Record<string, string>): Promise<number> {
  const script = `const t = performance.now(); await import(${JSON.stringify(pathToFileURL(file).href)});
    process.stdout.write(String(performance.now() - t)); process.exit(0);`;
  const env = { PATH: process.env.PATH, AWS_REGION: 'us-east-1', ...environment };
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', script], { env });
  return Number(stdout);
}

/** Bundled exactly as the function is, so that only the contents differ. */
async function buildFloor(folder: string, directory: string): Promise<string> {
  await mkdir(directory, { recursive: true });
  const entry = join(directory, `${folder}-sdk.mjs`);
  await writeFile(entry, await sdkImportsOf(folder));
  const outfile = join(directory, `${folder}.mjs`);
  await build({
    ...BUNDLE,
    entryPoints: [entry],
    outfile,
    nodePaths: [join(ROOT, 'node_modules')],
  });
  return outfile;
}

/** The SDK imports of every source file of ours that the function bundles. */
async function sdkImportsOf(folder: string): Promise<string> {
  const { metafile } = await build({
    entryPoints: [join(ROOT, `functions/${folder}/handler.ts`)],
    bundle: true,
    write: false,
    metafile: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    absWorkingDir: ROOT,
  });
  const used = new Map<string, Set<string>>();
  for (const input of Object.keys(metafile.inputs)) {
    const source = await readFile(join(ROOT, relative('.', input)), 'utf8');
    for (const [, names = '', from = ''] of source.matchAll(
      /^import \{([^}]+)\} from '(@aws-sdk\/[^']+)';$/gm,
    )) {
      const values = names.split(',').map((name) => name.trim());
      const known = used.get(from) ?? new Set();
      for (const name of values) if (name && !name.startsWith('type ')) known.add(name);
      used.set(from, known);
    }
  }
  const lines = [...used].map(([from, names]) => `export { ${[...names].join(', ')} } from '${from}';`);
  return lines.join('\n');
}
