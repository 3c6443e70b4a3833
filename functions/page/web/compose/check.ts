/** What would be refused, found before it is sent. The limits are the model's own. */
import { length } from '../../../../shared/models/measures.ts';
import type { Reference } from '../references/reference.ts';
import type { Fields, Form } from './form.ts';
import { faultOf } from './size.ts';

/** A place in the form where a problem is shown. `general` is the form as a whole. */
export type FieldName =
  | 'prompt'
  | 'references'
  | 'size'
  | 'n'
  | 'pictures'
  | 'negativePrompt'
  | 'seed'
  | 'general';

export type Problem =
  | { readonly kind: 'empty' }
  | { readonly kind: 'too_long'; readonly max: number }
  | { readonly kind: 'images'; readonly min: number; readonly max: number }
  /** One of the pictures has a fault of its own. */
  | { readonly kind: 'image' }
  /** Together they are more than one request may carry. */
  | { readonly kind: 'too_large'; readonly max: number }
  | { readonly kind: 'size_form' }
  | { readonly kind: 'size_pixels'; readonly min: number; readonly max: number }
  | { readonly kind: 'size_ratio' }
  | { readonly kind: 'integer'; readonly min: number; readonly max: number }
  /** In the API's words. */
  | { readonly kind: 'said'; readonly message: string };

export type Problems = { readonly [Name in FieldName]?: Problem | undefined };

/** What a request may carry, with room for the text: the API takes 6,000,000 bytes, and base64 takes 4 for 3. */
export const MOST_FILE_BYTES = Math.floor((5_900_000 * 3) / 4);

export function problemsOf(form: Form, fields: Fields): Problems {
  const { limits } = fields;
  const found: Problems = {
    prompt: textProblem(form.prompt.trim(), limits.prompt),
    references: referencesProblem(form.references, fields),
    negativePrompt: limits.negativePrompt && textProblem(form.negativePrompt.trim(), limits.negativePrompt),
    size: limits.size && form.size && sizeProblem(form.size, limits.size),
    seed: limits.seed && form.seed.trim() ? integerProblem(form.seed.trim(), limits.seed) : undefined,
  };
  return Object.fromEntries(Object.entries(found).filter(([, problem]) => problem));
}

/** The first of them in the order of the form, to which the focus goes. */
export const firstProblem = (problems: Problems): FieldName | undefined =>
  (['references', 'prompt', 'size', 'n', 'pictures', 'negativePrompt', 'seed', 'general'] as const).find(
    (name) => problems[name],
  );

interface Range {
  readonly min: number;
  readonly max: number;
}

function textProblem(text: string, { min, max }: Range): Problem | undefined {
  const characters = length(text);
  if (characters < min) return { kind: 'empty' };
  return characters > max ? { kind: 'too_long', max } : undefined;
}

function referencesProblem(references: readonly Reference[], { images }: Fields): Problem | undefined {
  if (images.max === 0) return undefined;
  if (references.length < images.min || references.length > images.max) return { kind: 'images', ...images };
  if (references.some(({ fault }) => fault)) return { kind: 'image' };
  const bytes = references.reduce(
    (sum, { source }) => sum + (source.kind === 'file' ? source.file.size : 0),
    0,
  );
  return bytes > MOST_FILE_BYTES ? { kind: 'too_large', max: MOST_FILE_BYTES } : undefined;
}

function sizeProblem(
  size: NonNullable<Form['size']>,
  limits: NonNullable<Fields['limits']['size']>,
): Problem | undefined {
  const { minPixels: min, maxPixels: max } = limits.rule;
  switch (faultOf(size, limits)) {
    case undefined:
      return undefined;
    case 'pixels':
      return { kind: 'size_pixels', min, max };
    case 'ratio':
      return { kind: 'size_ratio' };
    default:
      return { kind: 'size_form' };
  }
}

function integerProblem(text: string, { min, max }: Range): Problem | undefined {
  const value = Number(text);
  const is = /^\d{1,10}$/.test(text) && value >= min && value <= max;
  return is ? undefined : { kind: 'integer', min, max };
}
