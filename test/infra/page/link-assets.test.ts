import { expect, test } from 'vitest';
import { linkAssets } from '../../../infra/page/link-assets.ts';

const addresses = new Map([
  ['main.js', '/assets/main-1.js'],
  ['main.css', '/assets/main-2.css'],
]);

test('names are replaced by addresses', () => {
  const document = linkAssets('<link href="main.css"><script src="main.js">', addresses);
  expect(document).toBe('<link href="/assets/main-2.css"><script src="/assets/main-1.js">');
});

test.each([
  ['a file that is not there', '<script src="other.js">', /names other\.js, which/],
  ['a foreign address', '<script src="https://cdn.example/main.js">', /names https:\/\/cdn\.example/],
  ['not every file', '<script src="main.js">', /does not name main\.css/],
])('a template that names %s is refused', (_, template, message) => {
  expect(() => linkAssets(template, addresses)).toThrow(message);
});
