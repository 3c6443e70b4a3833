/** The arrows: infra → functions → shared (docs/architecture.md). And no file that has grown too long. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import { describe, expect, test } from 'vitest';

const root = join(import.meta.dirname, '..');
const MOST_LINES = 300;

/** Static, dynamic and re-exporting imports. */
const imported = /(?:\bfrom|\bimport)\s*\(?\s*(['"])([^'"]+)\1/g;

interface Source {
  /** From the project's root. */
  readonly path: string;
  readonly lines: number;
  /** The project's own files that it imports, from the root. */
  readonly imports: readonly string[];
}

function sourceOf(path: string, text: string): Source {
  const names = [...text.matchAll(imported)]
    .map(([, , name = '']) => name)
    .filter((name) => name.startsWith('.'));
  const imports = names.map((name) => normalize(join(dirname(path), name)));
  return { path, lines: text.split('\n').length - 1, imports };
}

function sourcesIn(folder: string): Source[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.m?[jt]s$/.test(entry.name))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .map((path) => sourceOf(path, readFileSync(join(root, path), 'utf8')));
}

const sources = ['infra', 'functions', 'shared'].flatMap(sourcesIn);
const folderOf = (path: string, depth: number) => path.split('/').slice(0, depth).join('/');

/** `from → to` for every import out of `folder` that is not allowed. */
function forbidden(folder: string, isAllowed: (to: string, from: string) => boolean): string[] {
  return sources
    .filter(({ path }) => path.startsWith(`${folder}/`))
    .flatMap(({ path, imports }) =>
      imports.filter((to) => !isAllowed(to, path)).map((to) => `${path} → ${to}`),
    );
}

test('there is something to look at', () => {
  for (const folder of ['infra/', 'functions/submit/', 'shared/task/']) {
    expect(sources.some(({ path }) => path.startsWith(folder))).toBe(true);
  }
  expect(sources.flatMap(({ imports }) => imports)).toContain('shared/task/store.ts');
});

describe('imports', () => {
  test('shared imports nothing of the other two', () => {
    expect(forbidden('shared', (to) => to.startsWith('shared/'))).toEqual([]);
  });

  test('a function imports itself and shared, never another function, never infra', () => {
    const own = (to: string, from: string) => folderOf(to, 2) === folderOf(from, 2);
    expect(forbidden('functions', (to, from) => to.startsWith('shared/') || own(to, from))).toEqual([]);
  });

  test('the local cloud knows the template and no function, and the start which providers there are', () => {
    const data = 'shared/providers/definitions.ts';
    expect(forbidden('infra/local', (to) => to.startsWith('infra/') || to === data)).toEqual([]);
    expect(forbidden('infra/local/cloud', (to) => to.startsWith('infra/'))).toEqual([]);
  });

  test('nothing that is deployed imports a test', () => {
    expect(forbidden('infra', (to) => /^(infra|functions|shared)\//.test(to))).toEqual([]);
  });

  test.each([
    ["import { a } from '../../functions/submit/submit.ts';", 'functions/submit/submit.ts'],
    ["import type { A } from '../task/record.ts';", 'shared/task/record.ts'],
    ["import '../task/record.ts';", 'shared/task/record.ts'],
    ["export * from './b.ts';", 'shared/a/b.ts'],
    ["const a = await import('../../infra/app.ts');", 'infra/app.ts'],
    ["import {\n  a,\n  b,\n} from '../../infra/app.ts';", 'infra/app.ts'],
  ])('%s is seen', (text, to) => {
    expect(sourceOf('shared/a/x.ts', text).imports).toEqual([to]);
  });
});

test(`no file has more than ${MOST_LINES} lines`, () => {
  const long = sources
    .filter(({ lines }) => lines > MOST_LINES)
    .map(({ path, lines }) => `${path}: ${lines}`);
  expect(long).toEqual([]);
});
