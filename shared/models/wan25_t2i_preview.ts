/** wan25_t2i_preview at Vtrix. Source: wan-models, third column. */
import * as z from 'zod';
import { defineModel } from './model.ts';
import { flag, size, text, whole } from './rules.ts';

const name = 'wan25_t2i_preview';

/** The documented recommendations; four of them lie below the stated floor and are accepted all the same. */
const recommended = ['1280*1280', '1104*1472', '1472*1104', '960*1696', '1696*960'];

/** The lengths are those of the other models: the page names none, and a record has to hold them. */
const schema = z.strictObject({
  model: z.literal(name),
  input: z.strictObject(
    { prompt: text(1, 2000), negative_prompt: text(0, 500).optional() },
    { error: 'must be an object with a prompt' },
  ),
  parameters: z
    .strictObject(
      {
        size: size({ separator: '*', minPixels: 1280 * 1280, maxPixels: 1440 * 1440, recommended }).default(
          '1280*1280',
        ),
        n: whole(1, 4).default(4),
        prompt_extend: flag.default(true),
        watermark: flag.default(false),
        seed: whole(0, 2147483647).optional(),
      },
      { error: 'must be an object' },
    )
    .prefault({}),
});

export default defineModel<z.infer<typeof schema>>({
  name,
  provider: 'vtrix',
  source: 'wan-models: wan25_t2i_preview',
  schema,
  promptOf: ({ input }) => input.prompt,
  imagesOf: () => [],
  withImages: (body) => body,
});
