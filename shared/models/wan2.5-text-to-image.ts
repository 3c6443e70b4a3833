/** wan2.5-text-to-image. Source: docs/models.md. */
import * as z from 'zod/mini';
import { defineModel } from './model.ts';
import { flag, integer, size, string } from './rules.ts';

const name = 'wan2.5-text-to-image';

const schema = z.strictObject({
  model: z.literal(name),
  prompt: string(1, 2000),
  size: z._default(size({ separator: 'x', minPixels: 768 * 768, maxPixels: 1440 * 1440 }), '1280x1280'),
  n: z._default(integer(1, 4), 1),
  prompt_extend: z._default(flag, true),
});

/** As a caller writes it. */
export type RequestBody = z.input<typeof schema>;

export default defineModel<z.infer<typeof schema>>({
  name,
  schema,
  askedOf: ({ n, size }) => ({ images: n, size }),
  promptOf: ({ prompt }) => prompt,
  imagesOf: () => [],
  withImages: (body) => body,
});
