/** API keys: found by their hash in a real table, remembered for a minute, a no never remembered. */
import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sha256 } from '../../../shared/runtime/json.ts';
import { type ApiKeyRow, callerFinder, ownerPattern } from '../../../shared/security/api-keys.ts';
import { hasDynamoServer, openTables, type TestTables } from '../../support/tasks-table.ts';

const acme = { kind: 'caller', caller: { owner: 'acme', keyId: 'key-1' } };
const refused = (reason: string, keyId?: string) => ({ kind: 'refused', reason, ...(keyId && { keyId }) });

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
    await put(rowOf('expired-key', { expires_at: 0 }));
  });
  afterAll(() => tables.close());

  test.each(['Bearer good-key', 'bearer good-key', 'BEARER   good-key', 'Bearer enabled-again'])(
    'is found by "%s"',
    async (header) => {
      expect(await finder()(header)).toEqual(acme);
    },
  );

  test.each([
    ['no header', undefined, refused('no key')],
    ['an empty header', '', refused('no key')],
    ['the key alone', 'good-key', refused('no key')],
    ['another scheme', 'Basic good-key', refused('no key')],
    ['no key', 'Bearer ', refused('no key')],
    ['two keys', 'Bearer good-key good-key', refused('no key')],
    ['a space at the end', 'Bearer good-key ', refused('no key')],
    ['a key with other characters', 'Bearer good-key狐', refused('no key')],
    ['an unknown key', 'Bearer other-key', refused('unknown key')],
    ['a disabled key', 'Bearer disabled-key', refused('disabled key', 'key-1')],
    ['a key whose time is over', 'Bearer expired-key', refused('expired key', 'key-1')],
    ['the hash in place of the key', `Bearer ${sha256('good-key')}`, refused('unknown key')],
    ['a key that is too long', `Bearer ${'k'.repeat(513)}`, refused('no key')],
  ])('is not found, and it is said why: %s', async (_, header, expected) => {
    expect(await finder()(header)).toEqual(expected);
  });

  test('has the limits of its key, and a budget where its owner has one', async () => {
    const limits = { requests_per_minute: 60, images_at_once: 8, models: ['wan26_i2i'] };
    await put(rowOf('limited-key', { limits, budgeted: true }));

    expect(await finder()('Bearer limited-key')).toEqual({
      kind: 'caller',
      caller: { owner: 'acme', keyId: 'key-1', limits, budgeted: true },
    });
  });

  test('is remembered until the end of its key, and not longer', async () => {
    await put(rowOf('ending-key', { expires_at: 30 }));
    const find = finder();
    now = 0;
    expect(await find('Bearer ending-key')).toEqual(acme);
    now = 29_999;
    expect(await find('Bearer ending-key')).toEqual(acme);
    now = 30_000;
    expect(await find('Bearer ending-key')).toEqual(refused('expired key', 'key-1'));
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
    expect(await find('Bearer passing-key')).toEqual(refused('disabled key', 'key-1'));
    now = 60_001;
    expect(await find('Bearer passing-key')).toEqual(refused('disabled key', 'key-1'));
  });

  test('that was refused is found as soon as the key is there', async () => {
    const find = finder();
    expect(await find('Bearer late-key')).toEqual(refused('unknown key'));
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
