/** API keys: found by their hash in a real table, remembered for a minute, a no never remembered. */
import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sha256 } from '../../../shared/runtime/json.ts';
import { type ApiKeyRow, callerFinder, ownerPattern } from '../../../shared/security/api-keys.ts';
import { hasDynamoServer, openTables, type TestTables } from '../../support/tasks-table.ts';

const acme = { owner: 'acme', keyId: 'key-1' };

describe.runIf(hasDynamoServer())('a caller', () => {
  let tables: TestTables;
  let now = 0;
  const put = (row: ApiKeyRow) =>
    tables.client.send(new PutItemCommand({ TableName: tables.keys, Item: marshall(row) }));
  const rowOf = (key: string, more: Partial<ApiKeyRow> = {}) => ({
    key_hash: sha256(key),
    key_id: 'key-1',
    owner: 'acme',
    ...more,
  });
  const finder = () => callerFinder(tables.client, tables.keys, () => now);

  beforeAll(async () => {
    tables = await openTables();
    await put(rowOf('good-key'));
    await put(rowOf('disabled-key', { disabled: true }));
    await put(rowOf('enabled-again', { disabled: false }));
  });
  afterAll(() => tables.close());

  test.each(['Bearer good-key', 'bearer good-key', 'BEARER   good-key', 'Bearer enabled-again'])(
    'is found by "%s"',
    async (header) => {
      expect(await finder()(header)).toEqual(acme);
    },
  );

  test.each([
    ['no header', undefined],
    ['an empty header', ''],
    ['the key alone', 'good-key'],
    ['another scheme', 'Basic good-key'],
    ['no key', 'Bearer '],
    ['two keys', 'Bearer good-key good-key'],
    ['a space at the end', 'Bearer good-key '],
    ['a key with other characters', 'Bearer good-key狐'],
    ['an unknown key', 'Bearer other-key'],
    ['a disabled key', 'Bearer disabled-key'],
    ['the hash in place of the key', `Bearer ${sha256('good-key')}`],
    ['a key that is too long', `Bearer ${'k'.repeat(513)}`],
  ])('is not found: %s', async (_, header) => {
    expect(await finder()(header)).toBeUndefined();
  });

  test('is remembered for a minute, and not longer', async () => {
    await put(rowOf('passing-key'));
    const find = finder();
    now = 0;
    expect(await find('Bearer passing-key')).toEqual(acme);
    await put(rowOf('passing-key', { disabled: true }));

    now = 59_999;
    expect(await find('Bearer passing-key')).toEqual(acme);
    now = 60_000;
    expect(await find('Bearer passing-key')).toBeUndefined();
    now = 60_001;
    expect(await find('Bearer passing-key')).toBeUndefined();
  });

  test('that was refused is found as soon as the key is there', async () => {
    const find = finder();
    expect(await find('Bearer late-key')).toBeUndefined();
    await put(rowOf('late-key'));
    expect(await find('Bearer late-key')).toEqual(acme);
  });
});

test.each([
  ['acme', true],
  ['a.b_c-1', true],
  ['x'.repeat(64), true],
  ['x'.repeat(65), false],
  ['', false],
  ['a/b', false],
  // Part of an object's key: a client that resolves paths would leave the owner's folder.
  ['.', false],
  ['..', false],
  ['...', true],
  ['.a', true],
  ['a\nb', false],
  ['a b', false],
  ['狐', false],
])('an owner may be called %o: %s', (owner, allowed) => {
  expect(ownerPattern.test(owner)).toBe(allowed);
});
