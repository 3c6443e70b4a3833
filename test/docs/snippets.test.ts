/** How code is taken out of a page: if this took nothing, every test of a page would pass. */
import { expect, test } from 'vitest';
import { isPrinted, snippetsIn } from '../support/snippets.ts';

const page = [
  '# A page',
  '```ts',
  'const a = 1;',
  '```',
  '',
  '```text',
  '1…',
  '```',
  'Words.',
  '```json Task',
  '{}',
  '```',
  '```sh',
  'curl',
  '```',
  '',
].join('\n');

test('a block of output belongs to the code right before it, and stands alone after words', () => {
  expect(snippetsIn('page.md', page)).toEqual([
    { where: 'page.md:2', language: 'ts', code: 'const a = 1;\n', prints: '1…\n' },
    { where: 'page.md:10', language: 'json', code: '{}\n', prints: undefined },
    { where: 'page.md:13', language: 'sh', code: 'curl\n', prints: undefined },
  ]);
});

test.each([
  ['task_… pending', 'task_01X pending\n', true],
  ['{"a":1,…}', '{"a":1,"b":\n2}', true],
  ['task_… pending', 'task_01X failed', false],
  ['a.b', 'axb', false],
  ['a', 'a b', false],
  ['', 'something', false],
])('%j is what is printed as %j: %s', (expected, printed, is) => {
  expect(isPrinted(expected, printed)).toBe(is);
});
