import { expect, test } from 'vitest';
import { chinese } from '../../../../../functions/page/web/words/chinese.ts';
import { duration } from '../../../../../functions/page/web/words/duration.ts';
import { english } from '../../../../../functions/page/web/words/english.ts';
import { firstLanguage } from '../../../../../functions/page/web/words/language.ts';

/** `path → what stands there`, however deep. */
function entries(words: object, path = ''): [string, unknown][] {
  return Object.entries(words).flatMap(([name, value]) =>
    typeof value === 'object'
      ? entries(value, `${path}.${name}`)
      : [[`${path}.${name}`, value] as [string, unknown]],
  );
}

test('both languages have the same words, also where the type does not demand it', () => {
  expect(entries(chinese).map(([path]) => path)).toEqual(entries(english).map(([path]) => path));
  expect(entries(english).length).toBeGreaterThan(100);
});

const sameInBoth = /^\.(language|shortcut|sizeOf|characters|switchLanguage(Name)?|mend\.unreadable)$/;

test('Chinese is Chinese', () => {
  const text = (value: unknown) => (typeof value === 'function' ? value(1, 2, 'x') : value) as string;
  const foreign = entries(chinese)
    .filter(([path]) => !sameInBoth.test(path))
    .filter(([, value]) => !/\p{Script=Han}/u.test(text(value)))
    .map(([path]) => path);
  expect(foreign).toEqual([]);
});

test.each([
  ['en', 'zh', ['zh-CN'], 'en'],
  [null, 'zh', ['zh-Hans-CN', 'en'], 'zh'],
  [null, 'en', ['en-GB', 'zh'], 'en'],
  [null, 'zh', ['fr', 'zh-TW'], 'zh'],
  [null, 'en', ['fr'], 'en'],
  ['tlh', 'en', [], 'en'],
] as const)('chosen %s and preferred …: %s', (chosen, _, preferred, language) => {
  expect(firstLanguage(chosen, preferred)).toBe(language);
});

test.each([
  [0, '0 s'],
  [-3, '0 s'],
  [59.4, '59 s'],
  [65, '1:05'],
  [3725, '1:02:05'],
])('%f seconds are %s', (seconds, text) => {
  expect(duration(seconds)).toBe(text);
});
