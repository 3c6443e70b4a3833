/** Image links: they carry their right and their expiry, and nobody can change either. */
import { describe, expect, test } from 'vitest';
import { imageLinks } from '../../../shared/images/links.ts';
import { signerWith } from '../../support/signers.ts';

const DAY = 86_400_000;
const now = Date.parse('2026-01-02T03:04:05Z');
const taskId = 'task_01JGJ0000000000000000000AA';
const settings = { publicUrl: 'https://api.example.com', days: 7 };
const imageLink = (made: number) => imageLinks(signerWith('secret'), settings, made)(taskId, 0);
const split = (link: string) => {
  const [, id = '', index = '', signature = ''] = /\/v1\/images\/([^/]+)\/([^/]+)\/([^/]+)$/.exec(link) ?? [];
  return { id, index, signature };
};
const { signature } = split(imageLink(now));
const opens = (changes: {
  secret?: string;
  id?: string;
  index?: string;
  signature?: string;
  at?: number;
}) => {
  const { secret = 'secret', id = taskId, index = '0', at = now } = changes;
  return signerWith(secret, () => at).verifyImageLink(id, index, changes.signature ?? signature);
};

test('a link leads to our own address and opens its image', () => {
  const link = imageLink(now);

  expect(link).toMatch(
    /^https:\/\/api\.example\.com\/v1\/images\/task_[0-9A-Z]{26}\/0\/[a-z0-9]+-1-[A-Za-z0-9_-]{43}$/,
  );
  expect(split(link)).toMatchObject({ id: taskId, index: '0' });
  expect(opens({})).toBe(true);
});

test('a link is the same all day, so that a task reads the same', () => {
  const at = (time: string) => imageLink(Date.parse(time));

  expect(at('2026-01-02T00:00:01Z')).toBe(at('2026-01-02T23:59:59Z'));
  expect(at('2026-01-02T23:59:59Z')).not.toBe(at('2026-01-03T00:00:01Z'));
});

test.each(['2026-01-02T00:00:00Z', '2026-01-02T00:00:01Z', '2026-01-02T23:59:59Z'])(
  'a link of %s works for its seven days at least, and one more at most',
  (time) => {
    const made = Date.parse(time);
    const given = split(imageLink(made)).signature;

    expect(opens({ signature: given, at: made + 7 * DAY - 1 })).toBe(true);
    expect(opens({ signature: given, at: made + 8 * DAY })).toBe(false);
  },
);

test('a link ends with the second that it names', () => {
  const end = Date.parse('2026-01-10T00:00:00Z');
  expect([opens({ at: end - 1 }), opens({ at: end })]).toEqual([true, false]);
});

describe('refused', () => {
  const [expires = '', proof = ''] = [signature.split('-')[0], signature.slice(signature.indexOf('-') + 1)];
  const later = (Number.parseInt(expires, 36) + 86_400).toString(36);

  test.each([
    ['another image', { index: '1' }],
    ['another spelling of the same image', { index: '00' }],
    ['another task', { id: 'task_01JGJ0000000000000000000AB' }],
    ['another deployment', { secret: 'other' }],
    ['a later expiry', { signature: `${later}-${proof}` }],
    ['an expiry in capitals', { signature: `${expires.toUpperCase()}-${proof}` }],
    ['an expiry with a zero before it', { signature: `0${expires}-${proof}` }],
    ['an expiry with something behind it', { signature: `${expires}.-${proof}` }],
    ['no expiry', { signature: `-${proof}` }],
    ['no proof', { signature: `${expires}-` }],
    ['no proof but the name of the key', { signature: `${expires}-1-` }],
    ['another key', { signature: `${expires}-2${proof.slice(1)}` }],
    ['the expiry alone', { signature: expires }],
    ['nothing', { signature: '' }],
    ['an expiry beyond all numbers', { signature: `${'z'.repeat(50)}-${proof}` }],
    ['a proof without its end', { signature: signature.slice(0, -1) }],
  ])('%s', (_, changes) => {
    expect(opens(changes)).toBe(false);
  });

  test('any single character changed', () => {
    const wrong = [...signature].map((character, at) => {
      return signature.slice(0, at) + (character === '1' ? '2' : '1') + signature.slice(at + 1);
    });
    expect(wrong.filter((given) => opens({ signature: given }))).toEqual([]);
  });
});
