/** The secret with the signing keys: as it is generated, as a rotation leaves it, and as nobody should leave it. */
import { describe, expect, test } from 'vitest';
import { readSigningKeys, writeSigningKeys } from '../../../shared/security/signing-keys.ts';

const secret = 'a'.repeat(32);

test('a generated key signs from the start', () => {
  expect(readSigningKeys(JSON.stringify({ id: '1', secret }))).toEqual([{ id: '1', secret, signsFrom: 0 }]);
});

test('a rotated one stands before its predecessor', () => {
  const stored = { id: '2', secret, signs_from: 1000, previous: { id: '1', secret: 'b'.repeat(64) } };

  expect(readSigningKeys(JSON.stringify(stored))).toEqual([
    { id: '2', secret, signsFrom: 1000 },
    { id: '1', secret: 'b'.repeat(64), signsFrom: 0 },
  ]);
});

test('what is written is read again', () => {
  const keys = [
    { id: '2', secret, signsFrom: 1000 },
    { id: '1', secret: 'b'.repeat(64), signsFrom: 0 },
  ];

  expect(readSigningKeys(writeSigningKeys(keys))).toEqual(keys);
});

describe('refused with what is wanted, and without what is there', () => {
  test.each([
    ['no JSON', secret],
    ['nothing', ''],
    ['null', 'null'],
    ['a string', JSON.stringify(secret)],
    ['no id', JSON.stringify({ secret })],
    ['an id that is a number', JSON.stringify({ id: 1, secret })],
    ['an id with a dash', JSON.stringify({ id: '1-2', secret })],
    ['an id with a letter', JSON.stringify({ id: 'a', secret })],
    ['an empty id', JSON.stringify({ id: '', secret })],
    ['no secret', JSON.stringify({ id: '1' })],
    ['a short secret', JSON.stringify({ id: '1', secret: secret.slice(1) })],
    ['a time that is a date', JSON.stringify({ id: '1', secret, signs_from: '2026-01-02' })],
    ['a predecessor that is none', JSON.stringify({ id: '2', secret, previous: { id: '1' } })],
    ['a predecessor of null', JSON.stringify({ id: '2', secret, previous: null })],
  ])('%s', (_, text) => {
    const read = () => readSigningKeys(text);

    expect(read).toThrow('must hold {"id","secret"}, the secret with at least 32 characters');
    expect(read).not.toThrow(secret.slice(1));
  });
});
