/** The project's own source files, as the tests of its architecture and conventions read them. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');

/** Static, dynamic and re-exporting imports, types included. */
const IMPORTED = /(?:\bfrom|\bimport)\s*\(?\s*(['"])([^'"]+)\1/g;

export interface Source {
  /** From the project's root. */
  readonly path: string;
  readonly text: string;
  /** The project's own files that it imports, from the root. */
  readonly imports: readonly string[];
  /** Whatever else it imports: packages, and Node's own modules. */
  readonly packages: readonly string[];
}

export function sourceOf(path: string, text: string): Source {
  const names = [...text.matchAll(IMPORTED)].map(([, , name = '']) => name);
  const isOurs = (name: string) => name.startsWith('.');
  return {
    path,
    text,
    imports: names.filter(isOurs).map((name) => normalize(join(dirname(path), name))),
    packages: names.filter((name) => !isOurs(name)),
  };
}

/** @param folder from the project's root */
export function sourcesIn(folder: string): Source[] {
  return readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.m?[jt]sx?$/.test(entry.name))
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)))
    .map((path) => sourceOf(path, readFileSync(join(ROOT, path), 'utf8')));
}

export const textOf = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
