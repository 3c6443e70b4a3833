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
  ])('%s', (_, context, message) => {
    expect(() => readSettings(context)).toThrow(message);
  });
});
