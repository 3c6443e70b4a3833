/**
 * The request that a form stands for. Beside what the model is asked, the metadata keep it in the task itself: so it
 * can be shown and asked again after a reload, in another tab and on another machine.
 */
import { countOf, type Fields, type Form, usedReferences } from './form.ts';
import { type Asked, metadataOf } from './remember.ts';
import { defaultSize, spelled } from './size.ts';

/**
 * @param images addresses or data URIs, in the order of the form's references
 * @param submission the Idempotency-Key, by which the page knows its own submission again
 */
export function bodyOf(form: Form, fields: Fields, images: readonly string[], submission: string): unknown {
  const metadata = metadataOf(askedOf(form, fields), submission);
  const { model } = fields;
  if (fields.limits.interleave) return { model, ...chat(form, fields, images), metadata };
  if (fields.limits.images) {
    return { model, prompt: form.prompt.trim(), image_urls: images, n: countOf(form, fields), metadata };
  }
  return { model, ...drawing(form, fields), metadata };
}

/** What a task keeps of its form. */
export function askedOf(form: Form, fields: Fields): Asked {
  const { limits, mode, n, pictures } = fields;
  const size = limits.size && (form.size ?? defaultSize(limits.size));
  return {
    mode,
    size: size && `${size.width}x${size.height}`,
    n: n && countOf(form, fields),
    pictures: pictures && countOf(form, fields),
    seed: seedOf(form, fields),
    promptExtend: fields.promptExtend === undefined ? undefined : (form.promptExtend ?? fields.promptExtend),
    watermark: limits.watermark === undefined ? undefined : (form.watermark ?? limits.watermark),
    images: usedReferences(form, fields).length || undefined,
    negativePrompt: negativePromptOf(form, fields),
  };
}

const seedOf = ({ seed }: Form, { limits }: Fields): number | undefined =>
  limits.seed && seed.trim() ? Number(seed) : undefined;

const negativePromptOf = ({ negativePrompt }: Form, { limits }: Fields): string | undefined =>
  (limits.negativePrompt && negativePrompt.trim()) || undefined;

function parametersOf(form: Form, fields: Fields) {
  const { limits, pictures } = fields;
  const asked = askedOf(form, fields);
  const size = limits.size && (form.size ?? defaultSize(limits.size));
  return {
    size: limits.size && size && spelled(size, limits.size),
    n: asked.n,
    prompt_extend: asked.promptExtend,
    watermark: asked.watermark,
    seed: asked.seed,
    ...(pictures && { enable_interleave: true, max_images: asked.pictures }),
  };
}

/** A model that makes pictures of a text: flat, or with `input` and `parameters`, which the flat one knows not. */
function drawing(form: Form, fields: Fields): object {
  const prompt = form.prompt.trim();
  const parameters = parametersOf(form, fields);
  if (!fields.limits.negativePrompt) return { prompt, ...parameters };
  return { input: { prompt, negative_prompt: negativePromptOf(form, fields) }, parameters };
}

/** One message: the text, and behind it the pictures in their order. */
function chat(form: Form, fields: Fields, images: readonly string[]): object {
  const content = [{ text: form.prompt.trim() }, ...images.map((image) => ({ image }))];
  const negative_prompt = negativePromptOf(form, fields);
  return {
    input: { messages: [{ role: 'user', content }] },
    parameters: { ...parametersOf(form, fields), negative_prompt },
  };
}
