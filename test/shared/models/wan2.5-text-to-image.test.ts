/** wan2.5-text-to-image: every limit at its boundary and one past it (docs/models.md). */
import { describe, expect, test } from 'vitest';
import { providerOf } from '../../../shared/providers/definitions.ts';
import { accepted, textToImage, violationOf } from '../../support/requests.ts';

test('defaults are in the body, n explicitly among them', () => {
  const { body, prompt, images, model } = accepted(textToImage());

  expect(body).toEqual({
    model: 'wan2.5-text-to-image',
    prompt: 'a red fox',
    size: '1280x1280',
    n: 1,
    prompt_extend: true,
  });
  expect({ prompt, images, provider: providerOf(model.name) }).toEqual({
    prompt: 'a red fox',
    images: [],
    provider: 'evolink',
  });
});

describe('accepted', () => {
  test.each([
    ['2000 letters', { prompt: 'a'.repeat(2000) }],
    ['2000 Chinese characters', { prompt: '狐'.repeat(2000) }],
    ['2000 emoji, each one character of two units', { prompt: '🦊'.repeat(2000) }],
    ['one character', { prompt: '狐' }],
    ['the fewest pixels', { size: '768x768' }],
    ['the most pixels', { size: '1440x1440' }],
    ['exactly the most pixels in another shape', { size: '768x2700' }],
    ['exactly 1:4', { size: '384x1536' }],
    ['exactly 4:1', { size: '1536x384' }],
    ['n of 1', { n: 1 }],
    ['n of 4', { n: 4 }],
    ['prompt_extend off', { prompt_extend: false }],
  ])('%s', (_, own) => {
    expect(accepted(textToImage(own)).body).toMatchObject(own);
  });
});

describe('refused', () => {
  test.each([
    ['no prompt', { prompt: undefined }, 'prompt'],
    ['an empty prompt', { prompt: '' }, 'prompt'],
    ['2001 letters', { prompt: 'a'.repeat(2001) }, 'prompt'],
    ['2001 Chinese characters', { prompt: '狐'.repeat(2001) }, 'prompt'],
    ['2001 emoji', { prompt: '🦊'.repeat(2001) }, 'prompt'],
    ['a prompt that is no text', { prompt: 7 }, 'prompt'],
    ['the other separator', { size: '1280*1280' }, 'size'],
    ['a capital X', { size: '1280X1280' }, 'size'],
    ['one pixel row too few', { size: '768x767' }, 'size'],
    ['one pixel row too many', { size: '1440x1441' }, 'size'],
    ['nothing', { size: '0x0' }, 'size'],
    ['a line', { size: '99999x1' }, 'size'],
    ['just below 1:4', { size: '384x1537' }, 'size'],
    ['just above 4:1', { size: '1537x384' }, 'size'],
    ['fractions of a pixel', { size: '1280.5x1280' }, 'size'],
    ['two negative sides', { size: '-1280x-1280' }, 'size'],
    ['three sides', { size: '1280x1280x1' }, 'size'],
    ['a size in numbers', { size: 1280 }, 'size'],
    ['n of 0', { n: 0 }, 'n'],
    ['n of 5', { n: 5 }, 'n'],
    ['n of 1.5', { n: 1.5 }, 'n'],
    ['n as a text', { n: '2' }, 'n'],
    ['n of null', { n: null }, 'n'],
    ['prompt_extend as a text', { prompt_extend: 'true' }, 'prompt_extend'],
    ['an unknown field', { seed: 7 }, 'seed'],
    ["another model's field", { image_urls: [] }, 'image_urls'],
  ])('%s', (_, own, param) => {
    expect(violationOf(textToImage(own))).toMatchObject({ code: 'invalid_parameters', param });
  });
});

test.each([
  [{ prompt: '狐'.repeat(2001) }, 'prompt must have 1 to 2000 characters, not 2001'],
  [{ n: 5 }, 'n must be an integer from 1 to 4'],
  [{ n: 1.5 }, 'n must be an integer from 1 to 4'],
  [{ seed: 1 }, 'seed is not a parameter of this model'],
  [
    { size: '1280*1280' },
    'size must be widthxheight in integers, like 1280x1280, with 589824 to 2073600 pixels in total and a ratio from 1:4 to 4:1',
  ],
])('the message says what is allowed: %o', (own, message) => {
  expect(violationOf(textToImage(own))?.message).toBe(message);
});
