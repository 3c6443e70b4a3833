/** Settings: defaults from the definitions, and a message for whatever is wrong. */
import { describe, expect, test } from 'vitest';
import { readSettings } from '../../infra/settings.ts';
import { definitions, forEachProvider } from '../../shared/providers/definitions.ts';

test('nothing given is every default: each provider where it is documented to answer', () => {
  const settings = readSettings(undefined);

  expect(settings.providerBaseUrls).toEqual(forEachProvider((_, { baseUrl }) => baseUrl));
  expect(settings).toMatchObject({ retentionDays: 90, overdueSeconds: 900, firstReadSeconds: 10 });
});

test('webhooks go to public https addresses only, unless an operator says otherwise', () => {
  expect(readSettings(undefined)).toMatchObject({ allowedWebhookRanges: [], allowLoopbackWebhooks: false });
});

test('prices are taken as they are written, and none is known unless it is', () => {
  const prices = { wan26_i2i: { amount: 0.000001, currency: 'credits', sizes: { '1280*1280': 0.07 } } };

  expect(readSettings({ prices }).prices).toEqual(prices);
  expect(readSettings(undefined).prices).toEqual({});
});

test('one provider elsewhere leaves the others where they are', () => {
  const text = JSON.stringify({ providerBaseUrls: { evolink: 'http://127.0.0.1:9001/' } });

  expect(readSettings(text).providerBaseUrls).toEqual({
    evolink: 'http://127.0.0.1:9001',
    vtrix: definitions.vtrix.baseUrl,
  });
});

const domain = {
  name: 'images.example.com',
  certificateArn: 'arn:aws:acm:eu-central-1:123456789012:certificate/0f3a',
};
const webAclArn = 'arn:aws:wafv2:us-east-1:123456789012:global/webacl/front/0f3a';
const regionalAcl = 'arn:aws:wafv2:eu-central-1:123456789012:regional/webacl/front/0f3a';

test('each queue’s function may have exactly as many invocations as are handed over at once', () => {
  const reservedConcurrency = { callback: 200, check: 40, deliver: 100, retry: 50, submit: 1 };

  expect(readSettings({ reservedConcurrency })).toMatchObject({ reservedConcurrency });
});

describe('is refused, by name', () => {
  test.each([
    ['a provider that there is not', { providerBaseUrls: { nobody: 'https://x.example.com' } }, /nobody/],
    [
      'an address that is none',
      { providerBaseUrls: { evolink: 'elsewhere' } },
      /must be an http or https URL/,
    ],
    ['a setting that there is not', { evolinkBaseUrl: 'https://x.example.com' }, /evolinkBaseUrl/],
    ['a number out of range', { retentionDays: 0 }, /retentionDays/],
    ['a range that is none', { allowedWebhookRanges: ['10.1.0.0'] }, /must be a CIDR range/],
    ['a price of a model that there is not', { prices: { dalle: { amount: 1, currency: 'USD' } } }, /dalle/],
    ['a negative price', { prices: { wan26_i2i: { amount: -1, currency: 'USD' } } }, /amount/],
    [
      'a price finer than a millionth',
      { prices: { wan26_i2i: { amount: 0.0000001, currency: 'USD' } } },
      /must have at most six decimals/,
    ],
    [
      'a currency that is none',
      { prices: { wan26_i2i: { amount: 1, currency: 'usd' } } },
      /must be the code of a currency, like USD, or credits/,
    ],
    [
      'a size that is none',
      { prices: { wan26_i2i: { amount: 1, currency: 'USD', sizes: { large: 2 } } } },
      /must be sizes, like 1280\*1280/,
    ],
    ['too little concurrency', { webhookConcurrency: 1 }, /webhookConcurrency/],
    ['an origin with a path', { corsOrigins: ['https://a.example.com/'] }, /must be an origin, like/],
    ['a pattern of origins', { corsOrigins: ['https://*'] }, /must be an origin, like/],
    ['every origin', { corsOrigins: ['*'] }, /must be an origin, like/],
    [
      'a domain that is none',
      { domain: { ...domain, name: 'https://x.example.com' } },
      /must be a domain name/,
    ],
    ['a domain without a certificate', { domain: { name: 'x.example.com' } }, /certificateArn/],
    ['a certificate that is none', { domain: { ...domain, certificateArn: 'mine' } }, /ARN of a certificate/],
    ['two addresses', { domain, publicUrl: 'https://y.example.com' }, /must not be set beside domain/],
    ['a web ACL without a domain', { webAclArn }, /needs a domain/],
    ['a web ACL of a region', { domain, webAclArn: regionalAcl }, /ARN of a web ACL for CloudFront/],
    ['a certificate that CloudFront does not take', { domain, webAclArn }, /must be in us-east-1/],
    ['a function that there is not', { reservedConcurrency: { submits: 5 } }, /submits/],
    ['a function that could never run', { reservedConcurrency: { submit: 0 } }, /reservedConcurrency/],
    [
      'fewer invocations than a queue hands over',
      { callbackConcurrency: 50, reservedConcurrency: { callback: 49 } },
      /must be at least 50, as many as its queues hand over at once/,
    ],
    ['a text that is no JSON', '{stage: dev}', /must be a JSON object, like '\{"stage":"dev"\}'/],
    ['a list', [], /expected object/],
  ])('%s', (_, context, message) => {
    expect(() => readSettings(context)).toThrow(message);
  });
});
