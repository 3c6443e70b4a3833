/** Work that is waited for, but not for ever. */
import { expect, test } from 'vitest';
import { within } from '../../../shared/runtime/within.ts';

test('brings what the work brings', async () => {
  expect(await within(10_000, Promise.resolve('done'))).toBe('done');
  await expect(within(10_000, Promise.reject(new Error('broken')))).rejects.toThrow('broken');
});

test('gives up on work that hangs', async () => {
  await expect(within(5, new Promise(() => undefined))).rejects.toThrow('more than 5 ms');
});
