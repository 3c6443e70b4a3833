/** Providers by name. */
import { expect, test, vi } from 'vitest';
import { providerFinder, readReport } from '../../../shared/providers/registry.ts';
import { remembered } from '../../../shared/runtime/remembered.ts';
import { keysIn } from '../../support/provider.ts';

test('providers are found by name, if the operator has set a key for them', async () => {
  const find = providerFinder(
    { evolink: 'https://e.example.com', vtrix: 'https://v.example.com' },
    keysIn({ evolink: 'k', vtrix: '', dashscope: 'k' }),
  );

  expect(await find('evolink')).toBeDefined();
  expect(await find('vtrix')).toBeUndefined();
  await expect(find('dashscope')).rejects.toThrow('There is no provider dashscope; there are evolink, vtrix');
});

test('a fresh key is looked up again, a remembered one is not', async () => {
  const look = vi.fn<() => Promise<string>>();
  look.mockResolvedValueOnce('{}').mockResolvedValue('{"evolink":"k"}');
  const keys = remembered(1000, () => 0, look);
  const find = providerFinder({ evolink: 'https://e.example.com' }, keys);

  expect(await find('evolink')).toBeUndefined();
  expect(await find('evolink', 'remembered')).toBeUndefined();
  expect(await find('evolink', 'fresh')).toBeDefined();
  expect(await find('evolink')).toBeDefined();
});

test('nobody reads a report of a provider that there is not', () => {
  expect(readReport('dashscope', '{"id":"p-1","status":"completed"}')).toBeUndefined();
  expect(readReport('constructor', '{"id":"p-1","status":"completed"}')).toBeUndefined();
});
