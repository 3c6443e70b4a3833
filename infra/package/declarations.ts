/**
 * The types of what the package exports, as the compiler emits them. It compiles the client without Node's types, so that
 * nothing of Node's gets into it.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, normalize } from 'node:path';
import { promisify } from 'node:util';

const PROJECT = join(import.meta.dirname, '../..');

/** The sources of the exports in package.json. */
export const entries = ['client/index.ts', 'infra/consumers/on-image-task.ts'] as const;

export interface DeclarationOptions {
  /** Whether doc comments are left out: they bind nobody. */
  readonly removeComments?: boolean;
}

/**
 * @returns the text of each `.d.ts` that can be reached from an entry, by its path
 * @throws Error with what the compiler said
 */
export async function declarations(options: DeclarationOptions = {}): Promise<ReadonlyMap<string, string>> {
  const directory = await mkdtemp(join(tmpdir(), 'wanhook-types-'));
  try {
    await compile(directory, options);
    const found = new Map<string, string>();
    for (const entry of entries) await collect(directory, entry.replace(/\.ts$/, '.d.ts'), found);
    return found;
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function compile(outDir: string, { removeComments = false }: DeclarationOptions): Promise<void> {
  const tsc = join(PROJECT, 'node_modules/.bin/tsc');
  const project = join(import.meta.dirname, 'tsconfig.json');
  try {
    await promisify(execFile)(tsc, [
      '--project',
      project,
      '--outDir',
      outDir,
      '--removeComments',
      String(removeComments),
    ]);
  } catch (cause) {
    throw new Error(`the types could not be emitted:\n${(cause as { stdout?: string }).stdout}`, { cause });
  }
}

const IMPORTED = /(\bfrom '|\bimport\(')(\.[^']+)\.ts'/g;

async function collect(directory: string, path: string, found: Map<string, string>): Promise<void> {
  if (found.has(path)) return;
  const text = await readFile(join(directory, path), 'utf8');
  found.set(
    path,
    text.replace(IMPORTED, (_, before, name) => `${before}${name}.js'`),
  );
  for (const [, , name = ''] of text.matchAll(IMPORTED)) {
    await collect(directory, normalize(join(dirname(path), `${name}.d.ts`)), found);
  }
}
