/** Where a webhook may go: the documented rule, an operator's ranges, and loopback over http on a developer's machine. */
import dns, { type LookupAddress } from 'node:dns';
import { afterEach, describe, expect, test, vi } from 'vitest';
import {
  checkWebhookUrl,
  leadsInside,
  publicHttps,
  type WebhookRules,
} from '../../../shared/webhooks/webhook-url.ts';

const local: WebhookRules = { allowedRanges: [], allowLoopbackHttp: true };
const listed: WebhookRules = { allowedRanges: ['10.1.0.0/16'], allowLoopbackHttp: false };
const reasonOf = (url: string, rules: WebhookRules) => {
  const checked = checkWebhookUrl(url, rules);
  return checked.kind === 'refused' ? checked.reason : undefined;
};

const loopback = [
  'http://127.0.0.1:9000/hook',
  'http://localhost:9000/',
  'http://[::1]:9000/',
  'http://127.1/',
];

test.each([
  'https://hooks.example.com/a?b=1',
  'https://93.184.216.34/',
  `https://a.example.com/${'x'.repeat(2026)}`,
])('allowed everywhere: %s', (url) => {
  for (const rules of [publicHttps, local, listed]) expect(reasonOf(url, rules)).toBeUndefined();
});

test.each([
  'http://hooks.example.com/',
  'https://127.0.0.1/',
  'https://localhost/',
  'https://192.168.0.1/',
  'http://10.1.2.3/',
  'http://192.168.0.1/',
  'http://169.254.169.254/',
  'http://loopback.localhost.example.com/',
  'https://me:secret@hooks.example.com/',
  `https://a.example.com/${'x'.repeat(2027)}`,
  'ftp://hooks.example.com/',
  'nothing',
  '',
])('refused everywhere, with what is allowed: %s', (url) => {
  for (const rules of [publicHttps, local, listed]) {
    expect(reasonOf(url, rules)).toContain('allowed is a public https URL of at most 2048 characters');
    expect(reasonOf(url, rules)).not.toContain('secret');
  }
});

describe('plain http to a loopback address', () => {
  test.each(loopback)('%s is allowed on a developer’s machine and nowhere else', (url) => {
    expect(reasonOf(url, local)).toBeUndefined();
    expect(reasonOf(url, publicHttps)).toContain('must use https');
    expect(reasonOf(url, listed)).toContain('must use https');
  });
});

test('a range that the operator lists is allowed, over https', () => {
  expect(reasonOf('https://10.1.2.3/', listed)).toBeUndefined();
  expect(reasonOf('https://10.2.2.3/', listed)).toContain('internal address');
  expect(reasonOf('https://10.1.2.3/', publicHttps)).toContain('internal address');
});

describe('the name at submit', () => {
  afterEach(() => vi.restoreAllMocks());
  type Done = (error: Error | null, addresses: LookupAddress[]) => void;
  const leadsTo = (...addresses: string[]) =>
    vi.spyOn(dns, 'lookup').mockImplementation(((_: string, __: object, done: Done) => {
      if (addresses.length === 0) return done(Object.assign(new Error('none'), { code: 'ENOTFOUND' }), []);
      return done(
        null,
        addresses.map((address) => ({ address, family: 4 })),
      );
    }) as never);
  const url = new URL('https://hooks.example.com/');

  test('one of its addresses is enough to lead inside', async () => {
    leadsTo('93.184.216.34', '10.1.2.3');

    expect(await leadsInside(url, publicHttps)).toBe(true);
    expect(await leadsInside(url, listed)).toBe(false);
  });

  test('public addresses, and a name that does not resolve, do not', async () => {
    leadsTo('93.184.216.34');
    expect(await leadsInside(url, publicHttps)).toBe(false);
    leadsTo();
    expect(await leadsInside(url, publicHttps)).toBe(false);
  });

  test.each(['http://127.0.0.1:9000/', 'http://localhost:9000/', 'http://[::1]:9000/'])(
    '%s, on a developer’s machine',
    async (address) => {
      expect(await leadsInside(new URL(address), local)).toBe(false);
    },
  );
});
