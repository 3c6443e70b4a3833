/** What the Markdown pages name is there: linked files, tests, and the scripts of package.json. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '..');
const skipped = /(^|\/)(node_modules|cdk\.out|\.local|\.git)(\/|$)/;

const pages = readdirSync(root, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && entry.name.endsWith('.md'))
  .map((entry) => relative(root, join(entry.parentPath, entry.name)))
  .filter((path) => !skipped.test(path));

const textOf = (page: string) => readFileSync(join(root, page), 'utf8');
const matches = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map(([, name = '']) => name);

/** Files of the project that a page names in code style, from the root: `shared/task/store.ts`. */
const named = /`((?:client|infra|functions|shared|test|docs)\/[\w./-]*\w\.(?:ts|md|json))`/g;
const linked = /\]\((?!https?:|#)([^)#\s]+)(?:#[^)]*)?\)/g;
const scripts = /npm run ([\w:-]+)/g;

test('there is something to look at', () => {
  expect(pages).toContain('README.md');
  expect(pages.filter((page) => page.startsWith('docs/decisions/')).length).toBeGreaterThan(10);
  expect(matches(textOf('docs/architecture.md'), named).length).toBeGreaterThan(5);
});

test.each(pages)('%s links to files that are there', (page) => {
  const targets = matches(textOf(page), linked).map((link) => join(dirname(page), link));

  expect(targets.filter((target) => !existsSync(join(root, target)))).toEqual([]);
});

test.each(pages)('%s names files that are there', (page) => {
  expect(matches(textOf(page), named).filter((path) => !existsSync(join(root, path)))).toEqual([]);
});

test.each(pages)('%s names scripts that package.json has', (page) => {
  const { scripts: known } = JSON.parse(textOf('package.json')) as { scripts: Record<string, string> };

  expect(matches(textOf(page), scripts).filter((name) => !(name in known))).toEqual([]);
});
