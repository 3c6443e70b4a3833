/** wan26_i2i: editing with 1–4 images, or mixed text and images. Source: docs/models.md. */
import * as z from 'zod/mini';
import { isJsonObject } from '../runtime/json.ts';
import { inputImageUrl } from './input-image-url.ts';
import { defineModel } from './model.ts';
import { flag, integer, size, string } from './rules.ts';
import { documentedViolation, imageCounts, sizeRule } from './wan26_i2i-codes.ts';

const name = 'wan26_i2i';

const item = z.union([z.strictObject({ text: string(1, 2000) }), z.strictObject({ image: inputImageUrl })], {
  error: (issue) =>
    imageProblem(issue.input) ?? 'must be an object with either text or image, and nothing else',
});
type Item = z.infer<typeof item>;

/** A union's own message hides which member was meant; an image's address deserves its own message. */
function imageProblem(input: unknown): string | undefined {
  if (!isJsonObject(input) || Object.keys(input).join() !== 'image') return undefined;
  const read = inputImageUrl.safeParse(input.image);
  return read.success ? undefined : read.error.issues[0]?.message;
}

const content = z.array(item).register(z.globalRegistry, { 'x-images': imageCounts });

const isImage = (content: Item): content is { image: string } => 'image' in content;

const given = z.strictObject(
  {
    negative_prompt: z.optional(string(0, 500)),
    size: z.optional(size(sizeRule)),
    n: z._default(integer(1, 4), 1),
    enable_interleave: z._default(flag, false),
    max_images: z.optional(integer(1, 5)),
    prompt_extend: z._default(flag, true),
    watermark: z._default(flag, false),
    seed: z.optional(integer(0, 2147483647)),
  },
  { error: 'must be an object' },
);

/** The document gives two of them a meaning in one mode only; the other mode is not sent it. */
const parameters = z.pipe(
  z.prefault(given, {}),
  z.transform(({ max_images, prompt_extend, ...rest }: z.infer<typeof given>) =>
    rest.enable_interleave ? { ...rest, max_images: max_images ?? 5 } : { ...rest, prompt_extend },
  ),
);

const schema = z.strictObject({
  model: z.literal(name),
  input: z.strictObject({
    messages: z.array(z.strictObject({ role: z.literal('user'), content })),
  }),
  parameters,
});

/** As a caller writes it. */
export type RequestBody = z.input<typeof schema>;

/** Each image gets the address at its own place among the images. */
const withUrls = (content: readonly Item[], urls: readonly string[]): Item[] =>
  content.map((one, index) => {
    if (!isImage(one)) return one;
    const place = content.slice(0, index).filter(isImage).length;
    return { image: urls[place] ?? one.image };
  });

export default defineModel<z.infer<typeof schema>>({
  name,
  schema,
  violation: documentedViolation,
  askedOf: ({ parameters }) => ({
    images: 'max_images' in parameters ? parameters.max_images : parameters.n,
    size: parameters.size,
  }),
  promptOf: ({ input }) => {
    const content = input.messages[0]?.content.find((one) => !isImage(one));
    return content && 'text' in content ? content.text : '';
  },
  imagesOf: ({ input }) =>
    (input.messages[0]?.content ?? []).flatMap((one, index) =>
      isImage(one) ? [{ param: `input.messages[0].content[${index}].image`, url: one.image }] : [],
    ),
  withImages: (body, urls) => {
    const messages = body.input.messages.map((message) => ({
      ...message,
      content: withUrls(message.content, urls),
    }));
    return { ...body, input: { messages } };
  },
});
