/** The signatures, judged by the public package `standardwebhooks`, as a receiver would. */
import { randomBytes } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { describe, expect, test } from 'vitest';
import { webhookHeaders, webhookSecret } from '../../../shared/webhooks/signature.ts';

const secret = webhookSecret(randomBytes(32));
const other = webhookSecret(randomBytes(32));
const body = JSON.stringify({ id: 'task_1', prompt: 'a red fox 红狐' });
const now = () => Math.floor(Date.now() / 1000);
const headers = (secrets: string[], timestamp = now()) =>
  webhookHeaders({ id: 'task_1:completed', timestamp, body }, secrets);

test('a receiver with the secret verifies it', () => {
  expect(secret).toMatch(/^whsec_/);
  expect(new Webhook(secret).verify(body, headers([secret]))).toEqual(JSON.parse(body));
});

test('while a secret rotates, receivers with either secret verify it', () => {
  const both = headers([other, secret]);

  expect(both['webhook-signature'].split(' ')).toHaveLength(2);
  for (const one of [secret, other]) expect(new Webhook(one).verify(body, both)).toEqual(JSON.parse(body));
});

describe('fails, by name of the reason', () => {
  const minutes = (count: number) => now() + count * 60;
  test.each([
    ['a changed byte', body.replace('fox', 'box'), headers([secret]), 'No matching signature found'],
    ['another secret', body, headers([other]), 'No matching signature found'],
    [
      'another id',
      body,
      { ...headers([secret]), 'webhook-id': 'task_2:completed' },
      'No matching signature found',
    ],
    ['six minutes ago', body, headers([secret], minutes(-6)), 'Message timestamp too old'],
    ['in six minutes', body, headers([secret], minutes(6)), 'Message timestamp too new'],
    ['no signature', body, { ...headers([secret]), 'webhook-signature': '' }, 'Missing required headers'],
  ])('%s', (_, payload, given, reason) => {
    expect(() => new Webhook(secret).verify(payload, given)).toThrow(reason);
  });
});
