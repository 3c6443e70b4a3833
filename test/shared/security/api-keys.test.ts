/** API keys: found by their hash in a real table, remembered for a minute, a no never remembered. */
import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sha256 } from '../../../shared/runtime/json.ts';
import { type ApiKeyRow, callerFinder, ownerPattern } from '../../../shared/security/api-keys.ts';
import { KEY_PREFIX, RANDOM_LENGTH, withChecksum } from '../../../shared/security/key-format.ts';
import { hasDynamoServer, openTables, type TestTables } from '../../support/tasks-table.ts';

const acme = { kind: 'caller', caller: { owner: 'acme', keyId: 'key-1' } };
/** A well-formed key with this in it. */
const keyWith = (word: string) => withChecksum(KEY_PREFIX + word.padEnd(RANDOM_LENGTH, '0'));
const bearer = (word: string) => `Bearer ${keyWith(word)}`;
const refused = (reason: string, keyId?: string) => ({ kind: 'refused', reason, ...(keyId && { keyId }) });

describe.runIf(hasDynamoServer())('a caller', () => {
  let tables: TestTables;
  let now = 0;
  const put = (row: ApiKeyRow) =>
    tables.client.send(new PutItemCommand({ TableName: tables.keys, Item: marshall(row) }));
  const rowOf = (word: string, more: Partial<ApiKeyRow> = {}) => ({
    key_hash: sha256(keyWith(word)),
    key_id: 'key-1',
    owner: 'acme',
    ...more,
  });
  const finder = () => callerFinder(tables.client, tables.keys, () => now);

  beforeAll(async () => {
    tables = await openTables();
    await put(rowOf('good'));
    await put(rowOf('disabled', { disabled: true }));
    await put(rowOf('enabledAgain', { disabled: false }));
    await put(rowOf('expired', { expires_at: 0 }));
  });
  afterAll(() => tables.close());

  test.each([
    ['its key', bearer('good')],
    ['a small "bearer"', bearer('good').replace('Bearer', 'bearer')],
    ['a large "BEARER" and more spaces', bearer('good').replace('Bearer', 'BEARER  ')],
    ['a key that was enabled again', bearer('enabledAgain')],
  ])('is found by %s', async (_, header) => {
    expect(await finder()(header)).toEqual(acme);
  });

  test.each([
    ['no header', undefined, refused('no key')],
    ['an empty header', '', refused('no key')],
    ['the key alone', keyWith('good'), refused('no key')],
    ['another scheme', bearer('good').replace('Bearer', 'Basic'), refused('no key')],
    ['no key', 'Bearer ', refused('no key')],
    ['two keys', `${bearer('good')} ${keyWith('good')}`, refused('malformed key')],
    ['a space at the end', `${bearer('good')} `, refused('malformed key')],
    ['an unknown key', bearer('other'), refused('unknown key')],
    ['a disabled key', bearer('disabled'), refused('disabled key', 'key-1')],
    ['a key whose time is over', bearer('expired'), refused('expired key', 'key-1')],
  ])('is not found, and it is said why: %s', async (_, header, expected) => {
    expect(await finder()(header)).toEqual(expected);
  });

  test('is not looked up for what is no key: nobody’s table is read for it', async () => {
    const untouched = { send: () => Promise.reject(new Error('The table was read')) };
    const find = callerFinder(untouched as unknown as typeof tables.client, tables.keys, () => now);

    const mistyped = bearer('good').replace('good', 'goof');
    for (const header of [mistyped, bearer('good').slice(0, -1), `Bearer ${sha256('good')}`, 'Bearer 狐']) {
      expect(await find(header)).toEqual(refused('malformed key'));
    }
    await expect(find(bearer('good'))).rejects.toThrow('The table was read');
  });

  test('has the limits of its key, and a budget where its owner has one', async () => {
    const limits = { requests_per_minute: 60, images_at_once: 8, models: ['wan26_i2i'] };
    await put(rowOf('limited', { limits, budgeted: true }));

    expect(await finder()(bearer('limited'))).toEqual({
      kind: 'caller',
      caller: { owner: 'acme', keyId: 'key-1', limits, budgeted: true },
    });
  });

  test('is remembered until the end of its key, and not longer', async () => {
    await put(rowOf('ending', { expires_at: 30 }));
    const find = finder();
    now = 0;
    expect(await find(bearer('ending'))).toEqual(acme);
    now = 29_999;
    expect(await find(bearer('ending'))).toEqual(acme);
    now = 30_000;
    expect(await find(bearer('ending'))).toEqual(refused('expired key', 'key-1'));
  });

  test('is remembered for a minute, and not longer', async () => {
    await put(rowOf('passing'));
    const find = finder();
    now = 0;
    expect(await find(bearer('passing'))).toEqual(acme);
    await put(rowOf('passing', { disabled: true }));

    now = 59_999;
    expect(await find(bearer('passing'))).toEqual(acme);
    now = 60_000;
    expect(await find(bearer('passing'))).toEqual(refused('disabled key', 'key-1'));
    now = 60_001;
    expect(await find(bearer('passing'))).toEqual(refused('disabled key', 'key-1'));
  });

  test('that was refused is found as soon as the key is there', async () => {
    const find = finder();
    expect(await find(bearer('late'))).toEqual(refused('unknown key'));
    await put(rowOf('late'));
    expect(await find(bearer('late'))).toEqual(acme);
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
