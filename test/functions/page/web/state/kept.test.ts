import { expect, test } from 'vitest';
import { kept, keptSet } from '../../../../../functions/page/web/state/kept.ts';

function memory() {
  const values = new Map<string, string>();
  const storage = {
    getItem: (name: string) => values.get(name) ?? null,
    setItem: (name: string, value: string) => void values.set(name, value),
  };
  return { values, storage: () => storage as unknown as Storage };
}

const isText = (value: unknown) => (typeof value === 'string' ? value : undefined);

test('what was written is read', () => {
  const { storage } = memory();
  kept(storage, 'a', '', isText).write('x');
  expect(kept(storage, 'a', '', isText).read()).toBe('x');
});

test.each(['{', '7', 'null', undefined])('%s, which it does not know, is as nothing', (text) => {
  const { storage, values } = memory();
  if (text) values.set('a', text);
  expect(kept(storage, 'a', 'otherwise', isText).read()).toBe('otherwise');
});

test('a storage that is forbidden or full costs the memory, not the page', () => {
  const forbidden = kept(
    () => {
      throw new DOMException('denied', 'SecurityError');
    },
    'a',
    'otherwise',
    isText,
  );
  expect(() => forbidden.write('x')).not.toThrow();
  expect(forbidden.read()).toBe('otherwise');
});

test('a set keeps its newest five hundred', () => {
  const { storage } = memory();
  const set = keptSet(storage, 's');
  set.write(new Set(Array.from({ length: 501 }, (_, index) => String(index))));
  expect(set.read().size).toBe(500);
  expect(set.read().has('0')).toBe(false);
  expect(set.read().has('500')).toBe(true);
});
