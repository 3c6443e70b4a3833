/** Signatures: whoever changes anything is found out, and a signature for one use is worthless for another. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  callbackSignature,
  hmac,
  isCallbackSignature,
  sameText,
} from '../../../shared/security/signatures.ts';
import { anyText } from '../../support/any-text.ts';

const secret = 'root-secret';
const taskId = 'task_01JGJ0000000000000000000AA';
const signature = callbackSignature(secret, taskId);

test('a signature fits into a path as it is, and holds 256 bits', () => {
  expect(signature).toMatch(/^[A-Za-z0-9_-]{43}$/);
  expect(isCallbackSignature(secret, taskId, signature)).toBe(true);
});

describe('refused', () => {
  test.each([
    ['an empty one', ''],
    ['one without its last character', signature.slice(0, -1)],
    ['one with a character more', `${signature}A`],
    ['one with padding', `${signature}=`],
    ['one with a space', ` ${signature}`],
    ['capitals for small letters', signature.toUpperCase()],
    ['the standard base64 alphabet', `${signature.slice(0, -1)}+`],
    ['characters of several bytes', '狐'.repeat(signature.length)],
    ['the same bytes in another spelling', Buffer.from(signature, 'base64url').toString('hex')],
  ])('%s', (_, given) => {
    expect(isCallbackSignature(secret, taskId, given)).toBe(false);
  });

  test('one with any single character changed', () => {
    const wrong = [...signature].map((character, at) => {
      const other = character === 'A' ? 'B' : 'A';
      return signature.slice(0, at) + other + signature.slice(at + 1);
    });
    expect(wrong.filter((given) => isCallbackSignature(secret, taskId, given))).toEqual([]);
  });

  test("another task's, and another deployment's", () => {
    expect(isCallbackSignature(secret, `${taskId.slice(0, -1)}B`, signature)).toBe(false);
    expect(isCallbackSignature(`${secret}2`, taskId, signature)).toBe(false);
  });

  test('whatever anybody makes up', () => {
    fc.assert(fc.property(fc.string(), fc.string(), (id, given) => !isCallbackSignature(secret, id, given)));
  });
});

test('one secret, many uses: the same parts give another signature for another use', () => {
  const uses = (['callback', 'image-link', 'task-id'] as const).map((use) =>
    hmac(secret, use, taskId).toString('hex'),
  );
  expect(new Set(uses).size).toBe(3);
});

test('parts do not run into each other', () => {
  expect(hmac(secret, 'image-link', 'a', '12')).not.toEqual(hmac(secret, 'image-link', 'a1', '2'));
});

test('texts are the same only when they are', () => {
  fc.assert(fc.property(anyText(), anyText(), (a, b) => sameText(a, a) && sameText(a, b) === (a === b)));
});
