/** A remembered answer: one look-up for all who ask meanwhile, and a failed one is forgotten. */
import { expect, test, vi } from 'vitest';
import { remembered } from '../../../shared/runtime/remembered.ts';

test('one look-up serves all who ask while it runs and until the time is over', async () => {
  let now = 1000;
  let count = 0;
  const look = vi.fn(async () => ++count);
  const ask = remembered(100, () => now, look);

  expect(await Promise.all([ask(), ask(), ask()])).toEqual([1, 1, 1]);
  now = 1099;
  expect(await ask()).toBe(1);
  now = 1100;
  expect(await ask()).toBe(2);
  expect(look).toHaveBeenCalledTimes(2);
});

test('a failure reaches all who asked, and the next one looks again', async () => {
  const look = vi
    .fn<() => Promise<string>>()
    .mockRejectedValueOnce(new Error('throttled'))
    .mockResolvedValue('answer');
  const ask = remembered(100, () => 0, look);

  const both = await Promise.allSettled([ask(), ask()]);

  expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(await ask()).toBe('answer');
  expect(look).toHaveBeenCalledTimes(2);
});

test('a late failure of an old look-up does not forget the newer answer', async () => {
  let now = 0;
  const late = Promise.withResolvers<string>();
  const look = vi.fn<() => Promise<string>>().mockReturnValueOnce(late.promise).mockResolvedValue('new');
  const ask = remembered(100, () => now, look);
  const old = ask();
  now = 100;
  expect(await ask()).toBe('new');

  late.reject(new Error('too late'));

  await expect(old).rejects.toThrow('too late');
  expect(await ask()).toBe('new');
  expect(look).toHaveBeenCalledTimes(2);
});

test('asked again, it looks again whatever it remembers, and remembers that', async () => {
  let count = 0;
  const look = vi.fn(async () => ++count);
  const ask = remembered(100, () => 0, look);
  await ask();

  expect(await ask.again()).toBe(2);

  expect(await ask()).toBe(2);
  expect(look).toHaveBeenCalledTimes(2);
});
