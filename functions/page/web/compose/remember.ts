/**
 * What a task was asked for, kept in its metadata: `page.request` as JSON of at most 512 characters,
 * `page.negative_prompt`, and in `page.submission` the Idempotency-Key. Tasks of other services have none of it.
 */
import { emptyForm, type Form } from './form.ts';
import { type Mode, type ModelName, modes } from './modes.ts';
import { parseSize } from './size.ts';

export interface Asked {
  readonly mode: Mode;
  /** `1280x1280`, whatever the model writes between. */
  readonly size?: string | undefined;
  readonly n?: number | undefined;
  readonly pictures?: number | undefined;
  readonly seed?: number | undefined;
  readonly promptExtend?: boolean | undefined;
  readonly watermark?: boolean | undefined;
  /** How many reference images there were. */
  readonly images?: number | undefined;
  readonly negativePrompt?: string | undefined;
}

type Metadata = Readonly<Record<string, string>>;

const REQUEST = 'page.request';
const NEGATIVE_PROMPT = 'page.negative_prompt';
const SUBMISSION = 'page.submission';

export function metadataOf({ negativePrompt, ...asked }: Asked, submission: string): Metadata {
  return {
    [REQUEST]: JSON.stringify(asked),
    [SUBMISSION]: submission,
    ...(negativePrompt && { [NEGATIVE_PROMPT]: negativePrompt }),
  };
}

export const submissionOf = ({ metadata }: { readonly metadata: Metadata }): string | undefined =>
  metadata[SUBMISSION];

/** Anybody may write metadata: what is not as the page writes it is ignored. */
export function askedFrom(metadata: Metadata): Asked | undefined {
  const read = parsed(metadata[REQUEST]);
  const mode = modes.find((one) => one === read?.mode);
  if (!read || !mode) return undefined;
  const number = (value: unknown) =>
    Number.isSafeInteger(value) && Number(value) >= 0 ? Number(value) : undefined;
  const flag = (value: unknown) => (typeof value === 'boolean' ? value : undefined);
  return {
    mode,
    size: typeof read.size === 'string' && parseSize(read.size) ? read.size : undefined,
    n: number(read.n),
    pictures: number(read.pictures),
    seed: number(read.seed),
    promptExtend: flag(read.promptExtend),
    watermark: flag(read.watermark),
    images: number(read.images),
    negativePrompt: metadata[NEGATIVE_PROMPT],
  };
}

function parsed(text: string | undefined): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text ?? '');
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

/** The form that a task was made with; of another service's only the prompt and the model are known. */
export function formOf(
  task: { prompt: string; model: string; metadata: Metadata },
  modelModes: readonly Mode[],
): Form {
  const asked = askedFrom(task.metadata);
  const mode = asked && modelModes.includes(asked.mode) ? asked.mode : (modelModes[0] ?? 'create');
  return {
    ...emptyForm,
    mode,
    model: task.model as ModelName,
    prompt: task.prompt,
    negativePrompt: asked?.negativePrompt ?? '',
    size: asked?.size === undefined ? undefined : parseSize(asked.size),
    n: asked?.n,
    pictures: asked?.pictures,
    promptExtend: asked?.promptExtend,
    watermark: asked?.watermark,
    seed: asked?.seed === undefined ? '' : String(asked.seed),
  };
}
