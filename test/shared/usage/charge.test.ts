/** What a task is charged, from what was asked, what was made, and what the provider says of it. */
import { describe, expect, test } from 'vitest';
import { costIn } from '../../../shared/providers/registry.ts';
import { assumedCharge, chargeOf, nothingCharged } from '../../../shared/usage/charge.ts';
import { askedOf, type Prices } from '../../../shared/usage/prices.ts';
import { accepted, edit, imageToImage, preview, textToImage } from '../../support/requests.ts';

const asked = { images: 4, amount: 80_000, currency: 'USD' };

describe('what a request asks for', () => {
  const prices: Prices = {
    'wan2.5-text-to-image': { amount: 0.02, currency: 'USD', sizes: { '1440*1440': 0.03 } },
    wan25_t2i_preview: { amount: 0.1, currency: 'EUR' },
  };
  const askedBy = (body: unknown) => askedOf(accepted(body), prices);

  test.each([
    ['n, at the price of one', textToImage({ n: 3 }), { images: 3, amount: 60_000, currency: 'USD' }],
    ['one unless it says how many', textToImage(), { images: 1, amount: 20_000, currency: 'USD' }],
    [
      'a size with a price of its own, however it is separated',
      textToImage({ n: 2, size: '1440x1440' }),
      { images: 2, amount: 60_000, currency: 'USD' },
    ],
    ["the model's own default", preview(), { images: 4, amount: 400_000, currency: 'EUR' }],
    ['a model without a price: no amount, which is not 0', edit({ n: 2 }), { images: 2 }],
    [
      'the most that mixed content may have',
      edit({ enable_interleave: true, max_images: 3 }, [{ text: 'a' }]),
      { images: 3 },
    ],
    ['which is five unless it says so', edit({ enable_interleave: true }, [{ text: 'a' }]), { images: 5 }],
    ['of a model without sizes', imageToImage({ n: 2 }), { images: 2 }],
  ])('%s', (_, body, expected) => {
    expect(askedBy(body)).toEqual(expected);
  });
});

describe('a charge', () => {
  test.each([
    [
      "is the provider's figure before any price",
      chargeOf(asked, 4, costIn('vtrix', { cost: '0.0623' })),
      { images: 4, amount: 62_300, currency: 'USD', source: 'provider' },
    ],
    [
      'is that figure also without a price',
      chargeOf({ images: 4 }, 3, costIn('vtrix', { cost: '0.0623' })),
      { images: 3, amount: 62_300, currency: 'USD', source: 'provider' },
    ],
    [
      'is that figure also when nothing came of it',
      chargeOf(asked, 0, costIn('vtrix', { cost: '0.01' })),
      { images: 0, amount: 10_000, currency: 'USD', source: 'provider' },
    ],
    [
      'is the part of the reserved credits that was made',
      chargeOf({ images: 4 }, 3, costIn('evolink', { credits_reserved: 8.5156 })),
      { images: 3, amount: 6_386_700, currency: 'credits', source: 'provider' },
    ],
    [
      'is the price of what was made',
      chargeOf(asked, 3, undefined),
      { images: 3, amount: 60_000, currency: 'USD', source: 'prices' },
    ],
    [
      "is in the price's currency, whatever the provider counts in",
      chargeOf(asked, 2, costIn('evolink', { credits_reserved: 4 })),
      { images: 2, amount: 40_000, currency: 'USD', source: 'prices' },
    ],
    [
      'has no amount when nobody knows one',
      chargeOf({ images: 4 }, 4, undefined),
      { images: 4, source: 'provider' },
    ],
    [
      'is nothing for nothing',
      chargeOf(asked, 0, undefined),
      { images: 0, amount: 0, currency: 'USD', source: 'none' },
    ],
    [
      'is nothing for nothing, though credits were reserved',
      chargeOf({ images: 1 }, 0, costIn('evolink', { credits_reserved: 4 })),
      { images: 0, amount: 0, source: 'none' },
    ],
    [
      'counts what was made beyond what was asked',
      chargeOf(asked, 6, undefined),
      { images: 6, amount: 120_000, currency: 'USD', source: 'prices' },
    ],
    [
      'is known of an old record that says not what it asked for',
      chargeOf(undefined, 2, undefined),
      { images: 2, source: 'provider' },
    ],
  ])('%s', (_, charge, expected) => {
    expect(charge).toEqual(expected);
  });

  test('is assumed to be all that was asked when nobody knows what came of it', () => {
    expect(assumedCharge(asked)).toEqual({ ...asked, source: 'reserved' });
    expect(assumedCharge(undefined)).toBeUndefined();
    expect(nothingCharged(asked)).toEqual({ images: 0, amount: 0, currency: 'USD', source: 'none' });
  });
});

describe('a figure in a usage is none', () => {
  test.each([
    ['vtrix', undefined],
    ['vtrix', { discount: '0.1', image_count: 4 }],
    ['vtrix', { cost: '-1' }],
    ['vtrix', { cost: 'free' }],
    ['vtrix', 'usage'],
    ['evolink', { cost: '0.03' }],
    ['evolink', { credits_reserved: null }],
    ['evolink', { omitted_bytes: 40_000 }],
    ['a former provider', { cost: '0.03' }],
  ])('of %s: %j', (provider, usage) => {
    expect(costIn(provider, usage)).toBeUndefined();
  });
});
