/** What the linter has no rule for. */
import { expect, test } from 'vitest';
import { sourcesIn, textOf } from './support/sources.ts';

const sources = ['client', 'infra', 'functions', 'shared', 'test'].flatMap(sourcesIn);

/** Class members that TypeScript alone hides; parameter properties are not erasable and already refused. */
const KEYWORD_PRIVATE = /^\s+(?:static |readonly |async )*(?:private|protected)\s+[\w#[*]/m;

test('there is something to look at', () => {
  expect(sources.length).toBeGreaterThan(300);
});

test('a file that opens with a comment opens with one block, not with lines', () => {
  const lines = sources.filter(({ text }) => text.startsWith('//')).map(({ path }) => path);

  expect(sources.filter(({ text }) => text.startsWith('/**')).length).toBeGreaterThan(300);
  expect(lines).toEqual([]);
});

test('what is private is private at run time too: #name, never the keyword', () => {
  const keyword = sources.filter(({ text }) => KEYWORD_PRIVATE.test(text)).map(({ path }) => path);
  expect(keyword).toEqual([]);
});

test.each(['private name = 1;', 'private readonly name;', 'static private name()', 'protected async name()'])(
  'the keyword is seen in a class: %s',
  (member) => {
    expect(`class A {\n  ${member}\n}`).toMatch(KEYWORD_PRIVATE);
  },
);

test('every place that says which Node the scripts run on says the same', () => {
  const { devDependencies } = JSON.parse(textOf('package.json')) as { devDependencies: { node: string } };
  expect(textOf('.node-version').trim()).toBe(devDependencies.node);
});

test('whoever installs the package installs nothing else: the functions are bundled, so all is for development', () => {
  const { dependencies, optionalDependencies } = JSON.parse(textOf('package.json'));

  expect({ dependencies, optionalDependencies }).toEqual({});
});
