import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { GOLDEN, publicTypes } from './public-types.ts';

test('the types that the package exports are those of the golden file: a change is a change for all who import it', async () => {
  const types = await publicTypes();

  expect(types, 'if it is meant, run `npm run update-client-types` and say so in CHANGELOG.md').toBe(
    await readFile(GOLDEN, 'utf8'),
  );
});

test('the golden file holds what is public, and nothing of how it is done', async () => {
  const golden = await readFile(GOLDEN, 'utf8');

  for (const name of [
    'class Wanhook',
    'function verifyWebhook',
    'function parseEvent',
    'class OnImageTask',
  ]) {
    expect(golden).toContain(name);
  }
  expect(golden).not.toMatch(/errorOf|queryOf|Transport|#apiKey/);
});
