/**
 * Who may import whom (docs/architecture.md): infra → functions → shared, a client that imports nothing, nothing into test,
 * and an emulator that knows nothing of Wanhook. And no file that has outgrown its purpose.
 */
import { describe, expect, test } from 'vitest';
import { TASK_COMPLETED, TASK_CREATED, TASK_FAILED } from '../shared/events/names.ts';
import { modelNames, providerNames } from '../shared/providers/definitions.ts';
import { type Source, sourceOf, sourcesIn, textOf } from './support/sources.ts';

const MOST_LINES = 300;
const CLOUD = 'infra/local/cloud/';
const CONSUMERS = 'infra/consumers/';

const sources = ['client', 'infra', 'functions', 'shared'].flatMap(sourcesIn);
const everything = [...sources, ...sourcesIn('test')];
const isIn = (folder: string) => (path: string) => path.startsWith(folder);
const folderOf = (path: string, depth: number) => path.split('/').slice(0, depth).join('/');

/** `from → to` for every import of these files that is not allowed. */
function forbidden(from: readonly Source[], isAllowed: (to: string, from: string) => boolean): string[] {
  return from.flatMap(({ path, imports }) =>
    imports.filter((to) => !isAllowed(to, path)).map((to) => `${path} → ${to}`),
  );
}

const of = (folder: string) => sources.filter(({ path }) => isIn(folder)(path));

const ours = namesOfOurs();

test('there is something to look at', () => {
  for (const folder of ['client/', 'infra/constructs/', CLOUD, 'functions/submit/', 'shared/task/']) {
    expect(of(folder).length).toBeGreaterThan(1);
  }
  expect(sources.flatMap(({ imports }) => imports)).toContain('shared/task/store.ts');
});

describe('imports', () => {
  test('shared imports nothing of the other two', () => {
    expect(forbidden(of('shared/'), isIn('shared/'))).toEqual([]);
  });

  test('a function imports itself and shared, never another function, never infra', () => {
    const isOwn = (to: string, from: string) => folderOf(to, 2) === folderOf(from, 2);
    const isContract = (to: string) => to === 'docs/openapi.json';
    expect(
      forbidden(of('functions/'), (to, from) => isIn('shared/')(to) || isOwn(to, from) || isContract(to)),
    ).toEqual([]);
  });

  test('infra imports infra, functions and shared; an operator’s command may be a client too', () => {
    const isOperation = isIn('infra/operations/');
    const own = of('infra/').filter(({ path }) => !isIn(CONSUMERS)(path));
    expect(
      forbidden(
        own,
        (to, from) =>
          /^(infra|functions|shared)\//.test(to) || (isOperation(from) && to.startsWith('client/')),
      ),
    ).toEqual([]);
  });

  test('what other projects import of infra imports itself and the client', () => {
    expect(forbidden(of(CONSUMERS), (to) => isIn(CONSUMERS)(to) || isIn('client/')(to))).toEqual([]);
    expect(of(CONSUMERS)).not.toEqual([]);
  });

  test('the client imports nothing but itself: no package, and none of Node’s modules', () => {
    expect(forbidden(of('client/'), isIn('client/'))).toEqual([]);
    expect(
      of('client/').flatMap(({ path, packages }) => packages.map((name) => `${path} → ${name}`)),
    ).toEqual([]);
    expect(sourceOf('client/x.ts', "import { createHmac } from 'node:crypto';").packages).toEqual([
      'node:crypto',
    ]);
  });

  test('what is deployed, and what operates it, does not know how it runs locally', () => {
    const deployed = of('infra/').filter(({ path }) => !isIn('infra/local/')(path));
    expect(forbidden(deployed, (to) => !isIn('infra/local/')(to))).toEqual([]);
  });

  test('nothing goes round in a circle, types included', () => {
    expect(circles(everything)).toEqual([]);
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

describe('the local cloud', () => {
  test('imports nothing outside itself', () => {
    expect(forbidden(of(CLOUD), isIn(CLOUD))).toEqual([]);
  });

  test('has one entrance, for all but its own tests', () => {
    const others = everything.filter(({ path }) => !isIn(CLOUD)(path) && !isIn(`test/${CLOUD}`)(path));
    expect(forbidden(others, (to) => !isIn(CLOUD)(to) || to === `${CLOUD}index.ts`)).toEqual([]);
    expect(others.flatMap(({ imports }) => imports)).toContain(`${CLOUD}index.ts`);
  });
});

describe('the local cloud knows nothing of Wanhook', () => {
  test('and names no function, table, route, setting, model, provider or event of it', () => {
    const named = of(CLOUD).flatMap(({ path, text }) =>
      ours.filter((word) => word.test(text)).map((word) => `${path}: ${word}`),
    );
    expect(named).toEqual([]);
    expect(of(CLOUD).length).toBeGreaterThan(50);
    expect(ours.length).toBeGreaterThan(50);
  });

  test.each([
    "'submit'",
    "'Callback'",
    '`CallbacksQueue`',
    "'TasksTable'",
    "'/v1/tasks'",
    'process.env.KEYS_TABLE',
    "'wan26_i2i'",
    'the Wanhook stack',
  ])('%s is seen', (text) => {
    expect(ours.some((word) => word.test(`export const name = ${text};`))).toBe(true);
  });
});

describe('tests', () => {
  test('are reached by nothing that is no test, not even by a path in a string', () => {
    const reaching = sources.flatMap(({ path, text }) =>
      pathsIntoTest(text).map((into) => `${path} → ${into}`),
    );
    expect(reaching).toEqual([]);
  });

  test.each([
    ["spawn(resolve(import.meta.dirname, '../../test/support/main.ts'))", ["'../../test/support/main.ts'"]],
    ["join(root, 'test', 'support')", ["'test'"]],
    ['new URL(`../test/a.ts`, import.meta.url)', ['`../test/a.ts`']],
    ["// docs and comments may: see test/system.ts, 'a test of it'", []],
    ["user-agent: 'latest/1'", []],
    ["route('/v1/webhooks/test')", []],
  ])('%s', (text, paths) => {
    expect(pathsIntoTest(text)).toEqual(paths);
  });
});

test(`no file has more than ${MOST_LINES} lines`, () => {
  const long = sources
    .map(({ path, text }) => ({ path, lines: text.split('\n').length - 1 }))
    .filter(({ lines }) => lines > MOST_LINES)
    .map(({ path, lines }) => `${path}: ${lines}`);
  expect(long).toEqual([]);
});

/** Every string that is a path with a part `test`, and no route of the HTTP API. */
function pathsIntoTest(text: string): string[] {
  return [...text.matchAll(/(['"`])(?!\/v1\/)(?:[^'"`\s]*\/)?test(?:\/[^'"`\s]*)?\1/g)].map(([path]) => path);
}

/** What the emulator must not know, gathered from where each name is given, so that none is forgotten. */
function namesOfOurs(): RegExp[] {
  const functions = of('functions/').map(({ path }) => path.split('/')[1] ?? '');
  const stack = [textOf('infra/wanhook-stack.ts'), ...of('infra/constructs/').map(({ text }) => text)].join(
    '\n',
  );
  const outputs = found(/\b[A-Z]\w*(?:Table|Queue|Letters|Secret|Bucket|Reports)\b/g, stack);
  const variables = found(/\b[A-Z]+(?:_[A-Z]+)+(?=:)/g, stack);
  const names = [
    ...functions,
    ...functions.map((name) => `${name[0]?.toUpperCase()}${name.slice(1)}`),
    ...outputs,
    ...variables,
    ...modelNames,
    ...providerNames,
    ...[TASK_CREATED, TASK_COMPLETED, TASK_FAILED],
  ];
  return [/wanhook/i, /\/v1\//, ...[...new Set(names)].map(quotedOrProperty)];
}

function quotedOrProperty(name: string): RegExp {
  const escaped = name.replaceAll('.', '\\.');
  return new RegExp(`(['"\`])${escaped}\\1|env\\.${escaped}\\b`);
}

function found(pattern: RegExp, text: string): string[] {
  return [...text.matchAll(pattern)].map(([name]) => name);
}

/** `a → b → a` for each circle, found by walking every way once. */
function circles(all: readonly Source[]): string[] {
  const importsOf = new Map(all.map(({ path, imports }) => [path, imports]));
  const done = new Set<string>();
  const seen: string[] = [];
  const walk = (path: string, way: readonly string[]): void => {
    const at = way.indexOf(path);
    if (at >= 0) seen.push([...way.slice(at), path].join(' → '));
    if (at >= 0 || done.has(path)) return;
    for (const next of importsOf.get(path) ?? []) walk(next, [...way, path]);
    done.add(path);
  };
  for (const { path } of all) walk(path, []);
  return seen;
}
