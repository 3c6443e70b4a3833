/** wan25_t2i_preview: every limit at its boundary and one past it (docs/models.md). */
import { describe, expect, test } from 'vitest';
import { providerOf } from '../../../shared/providers/definitions.ts';
import { accepted, preview, violationOf } from '../../support/requests.ts';

test('defaults are in the body: n is 4 here, and explicit', () => {
  const { body, prompt, images, model } = accepted({ model: 'wan25_t2i_preview', input: { prompt: '狐' } });

  expect(body).toEqual({
    model: 'wan25_t2i_preview',
    input: { prompt: '狐' },
    parameters: { size: '1280*1280', n: 4, prompt_extend: true, watermark: false },
  });
  expect({ prompt, images, provider: providerOf(model.name) }).toEqual({
    prompt: '狐',
    images: [],
    provider: 'vtrix',
  });
});

describe('sizes', () => {
  test.each([
    ['the floor', '1280*1280'],
    ['the ceiling', '1440*1440'],
    ['exactly the ceiling in another shape', '768*2700'],
    ['recommended, below the floor', '1104*1472'],
    ['recommended, below the floor', '1472*1104'],
    ['recommended, below the floor', '960*1696'],
    ['recommended, below the floor', '1696*960'],
    ['exactly 1:4', '640*2560'],
    ['exactly 4:1', '2560*640'],
  ])('accepted: %s (%s)', (_, size) => {
    expect(accepted(preview({ size })).body).toMatchObject({ parameters: { size } });
  });

  test.each([
    ['one row below the floor', '1280*1279'],
    ['one row above the ceiling', '1440*1441'],
    ['one column more than exactly the ceiling', '769*2700'],
    ['next to a recommended one', '1104*1473'],
    ['just below 1:4', '640*2561'],
    ['just above 4:1', '2561*640'],
    ['the other separator', '1280x1280'],
    ['nothing', '0*0'],
    ['a text', 'big'],
  ])('refused: %s (%s)', (_, size) => {
    expect(violationOf(preview({ size }))).toMatchObject({
      code: 'invalid_parameters',
      param: 'parameters.size',
    });
  });
});

describe('accepted', () => {
  test.each([
    ['n of 1', { n: 1 }],
    ['n of 4', { n: 4 }],
    ['the smallest seed', { seed: 0 }],
    ['the largest seed', { seed: 2147483647 }],
    ['a watermark', { watermark: true }],
    ['no extension of the prompt', { prompt_extend: false }],
  ])('%s', (_, parameters) => {
    expect(accepted(preview(parameters)).body).toMatchObject({ parameters });
  });

  test.each([
    ['2000 Chinese characters', { prompt: '狐'.repeat(2000) }],
    ['a negative prompt', { negative_prompt: '狐'.repeat(500) }],
  ])('%s', (_, input) => {
    expect(accepted(preview({}, input)).body).toMatchObject({ input });
  });
});

describe('refused', () => {
  test.each([
    ['n of 0', { n: 0 }, 'parameters.n'],
    ['n of 5', { n: 5 }, 'parameters.n'],
    ['n of 1.5', { n: 1.5 }, 'parameters.n'],
    ['n as a text', { n: '2' }, 'parameters.n'],
    ['a seed below 0', { seed: -1 }, 'parameters.seed'],
    ['a seed one too large', { seed: 2147483648 }, 'parameters.seed'],
    ['a broken seed', { seed: 0.5 }, 'parameters.seed'],
    ['a watermark that is no flag', { watermark: 1 }, 'parameters.watermark'],
    ['an unknown parameter', { style: 'oil' }, 'parameters.style'],
    ["wan26_i2i's max_images", { max_images: 2 }, 'parameters.max_images'],
  ])('%s', (_, parameters, param) => {
    expect(violationOf(preview(parameters))).toMatchObject({ code: 'invalid_parameters', param });
  });

  test.each([
    ['an empty prompt', { prompt: '' }, 'input.prompt'],
    ['2001 characters', { prompt: '狐'.repeat(2001) }, 'input.prompt'],
    ['a negative prompt of 501', { negative_prompt: '狐'.repeat(501) }, 'input.negative_prompt'],
    ['an unknown field', { image: 'x' }, 'input.image'],
  ])('%s', (_, input, param) => {
    expect(violationOf(preview({}, input))).toMatchObject({ code: 'invalid_parameters', param });
  });

  test.each([
    ['no input', { model: 'wan25_t2i_preview' }, 'input'],
    ['no prompt', { model: 'wan25_t2i_preview', input: {} }, 'input.prompt'],
    ['a flat prompt', { model: 'wan25_t2i_preview', prompt: 'fox', input: { prompt: 'fox' } }, 'prompt'],
    ['parameters that are a list', { ...preview(), parameters: [] }, 'parameters'],
    ['parameters of null', { ...preview(), parameters: null }, 'parameters'],
  ])('%s', (_, body, param) => {
    expect(violationOf(body)).toMatchObject({ code: 'invalid_parameters', param });
  });
});
