/** Webhook secrets: derived per key, two of them while one rotates, and none of anybody else. */

import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  BOTH_SIGN_FOR,
  deriveSecret,
  FIRST_VERSION,
  secretFinder,
  signingSecrets,
  versionKey,
} from '../../../shared/webhooks/secrets.ts';
import { hasDynamoServer, openTables, type TestTables } from '../../support/tasks-table.ts';

const root = 'root-secret'.repeat(6);
const key = { owner: 'acme', keyId: 'key_1' };
const now = 1_800_000_000;

test('a secret is of one owner, one key, one version, one deployment', () => {
  const secrets = [
    deriveSecret(root, key, 1),
    deriveSecret(root, key, 2),
    deriveSecret(root, { ...key, keyId: 'key_2' }, 1),
    deriveSecret(root, { ...key, owner: 'other' }, 1),
    deriveSecret(`${root}2`, key, 1),
  ];

  expect(new Set(secrets).size).toBe(5);
  for (const secret of secrets) {
    expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    expect(secret).not.toContain(root);
  }
  expect(deriveSecret(root, key, 1)).toBe(secrets[0]);
});

test('after a rotation both sign for 24 hours, the newer one first; before and after, one', () => {
  const [first, second] = [deriveSecret(root, key, 1), deriveSecret(root, key, 2)];
  const rotated = { version: 2, rotated_at: now };

  expect(signingSecrets(root, key, FIRST_VERSION, now)).toEqual([first]);
  expect(signingSecrets(root, key, rotated, now)).toEqual([second, first]);
  expect(signingSecrets(root, key, rotated, now + BOTH_SIGN_FOR - 1)).toEqual([second, first]);
  expect(signingSecrets(root, key, rotated, now + BOTH_SIGN_FOR)).toEqual([second]);
});

describe.runIf(hasDynamoServer())('the finder', () => {
  let tables: TestTables;
  beforeAll(async () => {
    tables = await openTables();
  });
  afterAll(() => tables.close());

  test('takes the version from the keys table, and sees a rotation within a minute', async () => {
    let ms = now * 1000;
    const secretsOf = secretFinder(
      async () => root,
      tables.client,
      tables.keys,
      () => ms,
    );
    const before = await secretsOf(key);
    const row = { key_hash: versionKey(key), version: 2, rotated_at: now };
    await tables.client.send(new PutItemCommand({ TableName: tables.keys, Item: marshall(row) }));

    ms += 61_000;
    const after = await secretsOf(key);
    const others = await secretsOf({ ...key, owner: 'other' });

    expect(before).toEqual([deriveSecret(root, key, 1)]);
    expect(after).toEqual([deriveSecret(root, key, 2), deriveSecret(root, key, 1)]);
    expect(others).toEqual([deriveSecret(root, { ...key, owner: 'other' }, 1)]);
  });
});
