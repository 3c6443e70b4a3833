import { expect, test } from 'vitest';
import { isRepeat, keepable, resumable } from '../../../../../functions/page/web/api/unfinished.ts';

const MINUTE = 60_000;
const request = (key: string, prompt = 'a boat', at = 0) => ({
  key,
  body: JSON.stringify({ prompt, metadata: { 'page.submission': key } }),
  at,
});

test('a reload sends again what is younger than ten minutes, and nothing of another time', () => {
  const now = 60 * MINUTE;
  const ages = [-1, 0, 9 * MINUTE, 10 * MINUTE, 50 * MINUTE];
  const kept = ages.map((age) => request(String(age), 'a boat', now - age));
  expect(resumable(kept, now).map(({ key }) => key)).toEqual(['0', String(9 * MINUTE)]);
});

test('a request with files is too large to keep', () => {
  const [small, large] = [request('a'), request('b', 'x'.repeat(200_000))];
  expect(keepable([small, large])).toEqual([small]);
});

test('the same request is a repeat under any key, another one is not', () => {
  const sent = [request('key-1'), request('key-2', 'a fox')];
  expect(isRepeat(request('key-3'), sent)).toBe(true);
  expect(isRepeat(request('key-3', 'a crane'), sent)).toBe(false);
  expect(isRepeat(request('key-3'), [])).toBe(false);
});
