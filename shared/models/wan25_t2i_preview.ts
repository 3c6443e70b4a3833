/** wan25_t2i_preview. Source: docs/models.md. */
import * as z from 'zod/mini';
import { defineModel } from './model.ts';
import { flag, integer, size, string } from './rules.ts';

const name = 'wan25_t2i_preview';

/** The documented recommendations; four of them lie below the stated floor and are accepted all the same. */
const recommended = ['1280*1280', '1104*1472', '1472*1104', '960*1696', '1696*960'];

/** The lengths are those of the other models: the page names none, and a record has to hold them. */
const schema = z.strictObject({
  model: z.literal(name),
  input: z.strictObject(
    { prompt: string(1, 2000), negative_prompt: z.optional(string(0, 500)) },
    { error: 'must be an object with a prompt' },
  ),
  parameters: z.prefault(
    z.strictObject(
      {
        size: z._default(
          size({ separator: '*', minPixels: 1280 * 1280, maxPixels: 1440 * 1440, recommended }),
          '1280*1280',
        ),
        n: z._default(integer(1, 4), 4),
        prompt_extend: z._default(flag, true),
        watermark: z._default(flag, false),
        seed: z.optional(integer(0, 2147483647)),
      },
      { error: 'must be an object' },
    ),
    {},
  ),
});

/** As a caller writes it. */
export type RequestBody = z.input<typeof schema>;

export default defineModel<z.infer<typeof schema>>({
  name,
  schema,
  askedOf: ({ parameters: { n, size } }) => ({ images: n, size }),
  promptOf: ({ input }) => input.prompt,
  imagesOf: () => [],
  withImages: (body) => body,
});
