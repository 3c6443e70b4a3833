/** What an assembly depends on, as one hash: equal hashes, equal assemblies. */
import { createHash, type Hash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';

/** What infra/app.ts imports and the functions bundle is in these folders, or one of the files below. */
export const SOURCES = ['infra', 'functions', 'shared'];
/** What runs an assembly is no part of it; test/architecture.test.ts sees to it that the app imports neither. */
const NOT_SOURCES = ['infra/local/cloud', 'infra/local/providers'];
/** The second lock file is npm's own: what is really installed. */
export const FILES = [
  'cdk.json',
  'package.json',
  'package-lock.json',
  'tsconfig.json',
  'docs/openapi.json',
  'node_modules/.package-lock.json',
];

/**
 * @param project the directory with cdk.json and infra/app.ts
 * @param context what the app is given besides cdk.json
 * @returns 64 hexadecimal digits
 */
export async function fingerprint(project: string, context: unknown): Promise<string> {
  const hash = createHash('sha256');
  add(hash, 'node', `${process.version} ${process.platform} ${process.arch}`);
  add(hash, 'context', JSON.stringify(context));
  for (const path of [...FILES, ...(await sourcesOf(project))]) {
    add(hash, path, await readOptional(join(project, path)));
  }
  return hash.digest('hex');
}

/** With its length, so that no two lists of parts look alike. */
function add(hash: Hash, name: string, content: string | Buffer | undefined): void {
  hash.update(`${name}\0${content === undefined ? 'none' : Buffer.byteLength(content)}\0`);
  if (content !== undefined) hash.update(content);
}

async function sourcesOf(project: string): Promise<string[]> {
  const folders = SOURCES.map((folder) =>
    readdir(join(project, folder), { recursive: true, withFileTypes: true }),
  );
  const paths = (await Promise.all(folders))
    .flat()
    .filter((entry) => entry.isFile())
    .map((entry) => relative(project, join(entry.parentPath, entry.name)).split(sep).join('/'));
  return paths.filter((path) => !NOT_SOURCES.some((folder) => path.startsWith(`${folder}/`))).sort();
}

async function readOptional(file: string): Promise<Buffer | undefined> {
  try {
    return await readFile(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
