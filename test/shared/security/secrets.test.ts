/** Secrets: read once, remembered for five minutes, and a broken one holds no keys. */
import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { expect, test } from 'vitest';
import { providerKeys, secretText } from '../../../shared/security/secrets.ts';

/** A Secrets Manager with these answers, the last one again and again. */
function manager(...answers: (string | Error)[]) {
  const asked: string[] = [];
  const send = async ({ input }: { input: { SecretId: string } }) => {
    asked.push(input.SecretId);
    const answer = answers[Math.min(asked.length, answers.length) - 1];
    if (answer instanceof Error) throw answer;
    return { SecretString: answer };
  };
  return { asked, client: { send } as unknown as SecretsManagerClient };
}

test('a secret is read once in five minutes, then a rotated one is picked up', async () => {
  let now = 0;
  const { client, asked } = manager('first', 'second');
  const read = secretText(client, 'arn:secret', () => now);

  expect(await Promise.all([read(), read()])).toEqual(['first', 'first']);
  now = 299_999;
  expect(await read()).toBe('first');
  now = 300_000;
  expect(await read()).toBe('second');
  expect(asked).toEqual(['arn:secret', 'arn:secret']);
});

test('a failure is not remembered', async () => {
  const { client } = manager(new Error('throttled'), 'secret');
  const read = secretText(client, 'arn:secret', () => 0);

  await expect(read()).rejects.toThrow('throttled');
  expect(await read()).toBe('secret');
});

test.each([
  ['{"evolink":"key-1","vtrix":"key-2"}', { evolink: 'key-1', vtrix: 'key-2' }],
  ['', {}],
  ['not JSON', {}],
  ['null', {}],
  ['"text"', {}],
  ['[]', {}],
])('the provider keys in %o', (text, keys) => {
  expect(providerKeys(text)).toEqual(keys);
});
