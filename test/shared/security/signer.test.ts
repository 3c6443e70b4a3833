/** Signatures: whoever changes anything is found out, and a signature for one use is worthless for another. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hmac, signer } from '../../../shared/security/signer.ts';
import { anyText } from '../../support/any-text.ts';
import { signerWith } from '../../support/signers.ts';

const taskId = 'task_01JGJ0000000000000000000AA';
const signature = signerWith().callback(taskId);
const verify = (given: string, id = taskId) => signerWith().verifyCallback(id, given);

test('a signature fits into a path as it is, names its key, and holds 256 bits', () => {
  expect(signature).toMatch(/^1-[A-Za-z0-9_-]{43}$/);
  expect(verify(signature)).toBe(true);
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
    ['characters of several bytes', `1-${'狐'.repeat(43)}`],
    [
      'the same bytes in another spelling',
      `1-${Buffer.from(signature.slice(2), 'base64url').toString('hex')}`,
    ],
    ['one without the name of its key', signature.slice(2)],
    ['one with the name of another key', `2${signature.slice(1)}`],
    ['the name of the key alone', '1-'],
  ])('%s', (_, given) => {
    expect(verify(given)).toBe(false);
  });

  test('one with any single character changed', () => {
    const wrong = [...signature].map((character, at) => {
      const other = character === 'A' ? 'B' : 'A';
      return signature.slice(0, at) + other + signature.slice(at + 1);
    });
    expect(wrong.filter((given) => verify(given))).toEqual([]);
  });

  test("another task's, and another deployment's", () => {
    expect(verify(signature, `${taskId.slice(0, -1)}B`)).toBe(false);
    expect(signerWith('root-secret2').verifyCallback(taskId, signature)).toBe(false);
  });

  test('whatever anybody makes up', () => {
    fc.assert(fc.property(fc.string(), fc.string(), (id, given) => !verify(given, id)));
    fc.assert(fc.property(anyText(), (given) => !verify(`1-${given}`)));
  });
});

describe('a key in the place of another', () => {
  const [first, second] = [
    { id: '1', secret: 'first', signsFrom: 0 },
    { id: '2', secret: 'second', signsFrom: 1000 },
  ];
  const at = (seconds: number) => signer([second, first], () => seconds * 1000);

  test('signs from its time on, and not before every function knows it', () => {
    expect(at(999).callback(taskId)).toBe(signer([first], Date.now).callback(taskId));
    expect(at(1000).callback(taskId)).toBe(signer([second], Date.now).callback(taskId));
  });

  test('both are accepted, before and after', () => {
    for (const seconds of [999, 1000, 100_000]) {
      expect(at(seconds).verifyCallback(taskId, at(999).callback(taskId))).toBe(true);
      expect(at(seconds).verifyCallback(taskId, at(1000).callback(taskId))).toBe(true);
      expect(at(seconds).verifyImageLink(taskId, '0', at(999).imageLink(taskId, 0, 1_000_000))).toBe(true);
      expect(at(seconds).verifyImageLink(taskId, '0', at(1000).imageLink(taskId, 0, 1_000_000))).toBe(true);
    }
  });

  test('one that was dropped opens nothing more', () => {
    const left = signer([second], () => 2_000_000);

    expect(left.verifyCallback(taskId, at(999).callback(taskId))).toBe(false);
    expect(left.verifyImageLink(taskId, '0', at(999).imageLink(taskId, 0, 3_000_000))).toBe(false);
  });

  test('a key whose name begins with that of another is another', () => {
    const keys = [
      { ...second, id: '12' },
      { ...first, id: '1' },
    ];
    const both = signer(keys, Date.now);
    for (const key of keys) {
      expect(both.verifyCallback(taskId, signer([key], Date.now).callback(taskId))).toBe(true);
    }
  });
});

test('one secret, many uses: a signature for one is none for another', () => {
  const link = signerWith().imageLink(taskId, 0, 4_102_444_800).split('-').slice(1).join('-');

  expect(verify(link)).toBe(false);
  expect(hmac('secret', 'callback', taskId)).not.toEqual(hmac('secret', 'task-id', taskId));
});

test('fields do not run into each other', () => {
  expect(hmac('secret', 'image-link', 'a', '12')).not.toEqual(hmac('secret', 'image-link', 'a1', '2'));
});
