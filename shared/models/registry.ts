/** All models by name. */
import type { ModelName } from '../providers/definitions.ts';
import type { Model } from './model.ts';
import imageToImage from './wan2.5-image-to-image.ts';
import textToImage from './wan2.5-text-to-image.ts';
import textToImagePreview from './wan25_t2i_preview.ts';
import editAndInterleave from './wan26_i2i.ts';

const models: Record<ModelName, Model> = {
  'wan2.5-text-to-image': textToImage,
  'wan2.5-image-to-image': imageToImage,
  wan25_t2i_preview: textToImagePreview,
  wan26_i2i: editAndInterleave,
};

export const findModel = (name: unknown): Model | undefined =>
  typeof name === 'string' && Object.hasOwn(models, name) ? models[name as ModelName] : undefined;
