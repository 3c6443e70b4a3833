/** The code in the Markdown pages, taken out of them and run as it stands there. */
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll } from 'vitest';

const PROJECT = join(import.meta.dirname, '../..');
const run = promisify(execFile);

export interface Snippet {
  /** `docs/callers.md:17`, for the names of tests. */
  readonly where: string;
  readonly language: string;
  readonly code: string;
  /** What it prints, when a block with that follows it at once: `…` stands for anything. */
  readonly prints: string | undefined;
}

/** @param page from the project's root */
export async function snippetsOf(page: string): Promise<Snippet[]> {
  return snippetsIn(page, await readFile(join(PROJECT, page), 'utf8'));
}

export function snippetsIn(page: string, text: string): Snippet[] {
  const found: Snippet[] = [];
  let end = 0;
  for (const match of text.matchAll(/^```(\w+)[^\n]*\n([\s\S]*?)^```$/gm)) {
    const [whole, language = '', code = ''] = match;
    const before = text.slice(0, match.index);
    const last = found.at(-1);
    if (last && isOutput(language) && before.slice(end).trim() === '') {
      found.splice(-1, 1, { ...last, prints: code });
    } else {
      found.push({ where: `${page}:${before.split('\n').length}`, language, code, prints: undefined });
    }
    end = match.index + whole.length;
  }
  return found;
}

const isOutput = (language: string): boolean => language === 'text' || language === 'json';

/** Whether that was printed; `…` stands for anything, and spaces at the ends do not count. */
export function isPrinted(expected: string, printed: string): boolean {
  const parts = expected
    .trim()
    .split('…')
    .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('[\\s\\S]*?')}$`).test(printed.trim());
}

/**
 * A folder as a consumer's: the package is installed in it, and what a snippet may import besides. Removed after the file's
 * last test.
 */
export async function consumerFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'wanhook-snippets-'));
  afterAll(() => rm(folder, { recursive: true, force: true }));
  const modules = join(folder, 'node_modules');
  await mkdir(join(modules, '@types'), { recursive: true });
  for (const name of ['aws-cdk-lib', 'constructs', 'undici-types', '@types/node', '@types/aws-lambda']) {
    await symlink(join(PROJECT, 'node_modules', name), join(modules, name));
  }
  const build = join(PROJECT, 'infra/package/build.ts');
  await run(process.execPath, [build, join(modules, 'wanhook/dist')]);
  await cp(join(PROJECT, 'package.json'), join(modules, 'wanhook/package.json'));
  await writeFile(join(folder, 'package.json'), JSON.stringify({ private: true, type: 'module' }));
  return folder;
}

/** Compiles TypeScript snippets, all at once. @returns the compiled file of each, in their order */
export async function compileSnippets(folder: string, snippets: readonly Snippet[]): Promise<string[]> {
  const names = snippets.map(({ where }) => where.replaceAll(/\W+/g, '-'));
  for (const [nth, { code }] of snippets.entries()) {
    await writeFile(join(folder, `${names[nth]}.ts`), code);
  }
  const compilerOptions = {
    target: 'ES2022',
    lib: ['ES2022'],
    module: 'NodeNext',
    types: ['node', 'aws-lambda'],
    strict: true,
    noUnusedLocals: true,
    skipLibCheck: true,
    outDir: 'out',
  };
  const files = names.map((name) => `${name}.ts`);
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files }));
  try {
    await run(join(PROJECT, 'node_modules/.bin/tsc'), ['--project', folder, '--pretty', 'false']);
  } catch (cause) {
    throw new Error(`the snippets do not compile:\n${(cause as { stdout?: string }).stdout}`, { cause });
  }
  return names.map((name) => join(folder, `out/${name}.js`));
}
