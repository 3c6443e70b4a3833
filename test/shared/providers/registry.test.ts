/** Providers by name. */
import { expect, test } from 'vitest';
import { providerFinder, readReport } from '../../../shared/providers/registry.ts';

test('providers are found by name, if the operator has set a key for them', async () => {
  const find = providerFinder(
    { evolink: 'https://e.example.com', vtrix: 'https://v.example.com' },
    async () => JSON.stringify({ evolink: 'k', vtrix: '', dashscope: 'k' }),
  );

  expect(await find('evolink')).toBeDefined();
  expect(await find('vtrix')).toBeUndefined();
  await expect(find('dashscope')).rejects.toThrow('There is no provider dashscope; there are evolink, vtrix');
});

test('nobody reads a report of a provider that there is not', () => {
  expect(readReport('dashscope', '{"id":"p-1","status":"completed"}')).toBeUndefined();
  expect(readReport('constructor', '{"id":"p-1","status":"completed"}')).toBeUndefined();
});
