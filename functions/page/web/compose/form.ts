/** What a person has filled in, and how it changes when something else is chosen. All of it plain values. */
import type { AllLimits, ModelLimits } from '../../../../shared/models/limits.ts';
import type { Reference } from '../references/reference.ts';
import { imagesFor, type Mode, type ModelName, modeForImages, modelsFor } from './modes.ts';
import type { TypedSize } from './size.ts';

export interface Form {
  readonly mode: Mode;
  /** Chosen by hand; absent, or of another mode, it is the mode's first. */
  readonly model?: ModelName | undefined;
  readonly prompt: string;
  readonly negativePrompt: string;
  /** Absent: the model's default. */
  readonly size?: TypedSize | undefined;
  /** Absent: the model's default, like the next four. */
  readonly n?: number | undefined;
  /** How many pictures mixed output may have. */
  readonly pictures?: number | undefined;
  readonly promptExtend?: boolean | undefined;
  readonly watermark?: boolean | undefined;
  /** As typed; empty for one of the provider's own. */
  readonly seed: string;
  readonly references: readonly Reference[];
}

export const emptyForm: Form = { mode: 'create', prompt: '', negativePrompt: '', seed: '', references: [] };

export function modelOf({ mode, model }: Form, all: AllLimits): ModelName {
  const able = modelsFor(mode, all);
  return model && able.includes(model) ? model : able[0]!;
}

/** The fields that there are in this mode of this model, with their limits. */
export interface Fields {
  readonly mode: Mode;
  readonly model: ModelName;
  readonly limits: ModelLimits;
  readonly images: { readonly min: number; readonly max: number };
  /** Absent in mixed output, where the pictures are counted otherwise. */
  readonly n?: ModelLimits['n'];
  readonly pictures?: { readonly min: number; readonly max: number };
  readonly promptExtend?: boolean | undefined;
}

export function fieldsOf(form: Form, all: AllLimits): Fields {
  const model = modelOf(form, all);
  const limits = all[model];
  const { mode } = form;
  const common = { mode, model, limits, images: imagesFor(mode, limits) };
  if (mode === 'mixed' && limits.interleave) return { ...common, pictures: limits.interleave.pictures };
  return { ...common, n: limits.n, promptExtend: limits.promptExtend };
}

/** The pictures that are sent: a mode without any keeps them for the others. */
export const usedReferences = ({ references }: Form, { images }: Fields): readonly Reference[] =>
  images.max === 0 ? [] : references;

/** How many pictures are asked for. */
export const countOf = (form: Form, { n, pictures }: Fields): number =>
  n ? (form.n ?? n.default) : (form.pictures ?? pictures?.max ?? 1);

/** A picture more; where it does not fit, the mode and the model change to ones where it does. */
export function withReference(form: Form, reference: Reference, all: AllLimits): Form {
  const references = [...form.references, reference];
  const count = references.length;
  const mode = form.mode === 'mixed' && count === 1 ? 'mixed' : modeForImages(form.mode, count);
  const next = { ...form, mode, references };
  const fits = (name: ModelName) => imagesFor(mode, all[name]).max >= count;
  if (fits(modelOf(next, all))) return next;
  return { ...next, model: modelsFor(mode, all).find(fits) ?? next.model };
}

export const withoutReference = (form: Form, id: string): Form => ({
  ...form,
  references: form.references.filter((one) => one.id !== id),
});

/** The picture with this id, as it is now. */
export const withChanged = (form: Form, id: string, part: Partial<Reference>): Form => ({
  ...form,
  references: form.references.map((one) => (one.id === id ? { ...one, ...part } : one)),
});

/** Moves a picture to another place; the others keep their order. */
export function withMoved(form: Form, from: number, to: number): Form {
  const moved = form.references[from];
  if (!moved || to < 0 || to >= form.references.length) return form;
  const others = form.references.filter((_, index) => index !== from);
  return { ...form, references: [...others.slice(0, to), moved, ...others.slice(to)] };
}
