/** The limits as data are the schemas' own: docs/models.md names them, and a request at each limit is accepted. */
import { expect, test } from 'vitest';
import { modelLimits } from '../../../shared/models/limits.ts';

const limits = modelLimits();
const text = { min: 1, max: 2000 };
const negativePrompt = { min: 0, max: 500 };
const upToFour = { min: 1, max: 4 };
const seed = { min: 0, max: 2147483647 };

test('wan2.5-text-to-image', () => {
  expect(limits['wan2.5-text-to-image']).toEqual({
    prompt: text,
    n: { ...upToFour, default: 1 },
    size: { rule: { separator: 'x', minPixels: 768 ** 2, maxPixels: 1440 ** 2 }, default: '1280x1280' },
    promptExtend: true,
  });
});

test('wan2.5-image-to-image', () => {
  expect(limits['wan2.5-image-to-image']).toEqual({
    prompt: text,
    n: { ...upToFour, default: 1 },
    images: { min: 1, max: 2 },
  });
});

test('wan25_t2i_preview, with its own default number and the recommended sizes', () => {
  expect(limits.wan25_t2i_preview).toEqual({
    prompt: text,
    negativePrompt,
    n: { ...upToFour, default: 4 },
    size: {
      rule: {
        separator: '*',
        minPixels: 1280 ** 2,
        maxPixels: 1440 ** 2,
        recommended: ['1280*1280', '1104*1472', '1472*1104', '960*1696', '1696*960'],
      },
      default: '1280*1280',
    },
    promptExtend: true,
    watermark: false,
    seed,
  });
});

test('wan26_i2i, which has no default size and two ways of working', () => {
  expect(limits.wan26_i2i).toEqual({
    prompt: text,
    negativePrompt,
    n: { ...upToFour, default: 1 },
    size: { rule: { separator: '*', minPixels: 768 ** 2, maxPixels: 1280 ** 2 } },
    images: upToFour,
    promptExtend: true,
    watermark: false,
    seed,
    interleave: { pictures: { min: 1, max: 5 }, images: { min: 0, max: 1 } },
  });
});

test('they survive JSON, in which a build hands them on', () => {
  expect(JSON.parse(JSON.stringify(limits))).toEqual(limits);
});
