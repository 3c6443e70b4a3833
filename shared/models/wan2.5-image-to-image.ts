/** wan2.5-image-to-image: editing one image, fusing two. Source: docs/models.md. */
import * as z from 'zod/mini';
import { inputImageUrl } from './input-image-url.ts';
import { defineModel } from './model.ts';
import { integer, string } from './rules.ts';

const name = 'wan2.5-image-to-image';
const imagesError = 'must be an array of 1 to 2 image URLs';

const schema = z.strictObject({
  model: z.literal(name),
  prompt: string(1, 2000),
  image_urls: z
    .array(inputImageUrl, { error: imagesError })
    .check(z.minLength(1, { error: imagesError }), z.maxLength(2, { error: imagesError })),
  n: z._default(integer(1, 4), 1),
});

/** As a caller writes it. */
export type RequestBody = z.input<typeof schema>;

export default defineModel<z.infer<typeof schema>>({
  name,
  schema,
  askedOf: ({ n }) => ({ images: n }),
  promptOf: ({ prompt }) => prompt,
  imagesOf: ({ image_urls }) => image_urls.map((url, index) => ({ param: `image_urls[${index}]`, url })),
  withImages: (body, urls) => ({ ...body, image_urls: [...urls] }),
});
