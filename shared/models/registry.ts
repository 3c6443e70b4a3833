/** All models by name. */
import type { Model } from './model.ts';
import imageToImage from './wan2.5-image-to-image.ts';
import textToImage from './wan2.5-text-to-image.ts';
import textToImagePreview from './wan25_t2i_preview.ts';
import editAndInterleave from './wan26_i2i.ts';

const models: readonly Model[] = [textToImage, imageToImage, textToImagePreview, editAndInterleave];

export const modelNames: readonly string[] = models.map(({ name }) => name);

export const findModel = (name: unknown): Model | undefined => models.find((model) => model.name === name);

export const modelsOf = (provider: string): string[] =>
  models.filter((model) => model.provider === provider).map(({ name }) => name);
