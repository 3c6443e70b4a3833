/**
 * What a person wants to do, and the models that can: told by the models' own limits, not by their names.
 *
 *   create   a text makes pictures           models without input images
 *   edit     one picture is changed          models with input images
 *   fuse     several become one              the same
 *   mixed    texts and pictures in turn      models that interleave
 */
import type { AllLimits, ModelLimits, Range } from '../../../../shared/models/limits.ts';

export const modes = ['create', 'edit', 'fuse', 'mixed'] as const;
export type Mode = (typeof modes)[number];
export type ModelName = keyof AllLimits;

const canDo: Record<Mode, (limits: ModelLimits) => boolean> = {
  create: ({ images }) => !images,
  edit: ({ images }) => images !== undefined,
  fuse: ({ images }) => (images?.max ?? 0) > 1,
  mixed: ({ interleave }) => interleave !== undefined,
};

/** In the order in which they are offered; the first is the one to begin with. */
export function modelsFor(mode: Mode, all: AllLimits): ModelName[] {
  return (Object.keys(all) as ModelName[]).filter((name) => canDo[mode](all[name]));
}

const NONE: Range = { min: 0, max: 0 };

/** How many reference images a mode takes of a model. */
export function imagesFor(mode: Mode, { images = NONE, interleave }: ModelLimits): Range {
  switch (mode) {
    case 'create':
      return NONE;
    case 'edit':
      return { min: 1, max: 1 };
    case 'fuse':
      return { min: 2, max: images.max };
    case 'mixed':
      return interleave?.images ?? NONE;
  }
}

/** Where a further picture fits when it no longer fits here: a person who adds one means that. */
export function modeForImages(mode: Mode, count: number): Mode {
  if (mode === 'create' && count > 0) return count === 1 ? 'edit' : 'fuse';
  if (mode !== 'fuse' && count > 1) return 'fuse';
  return mode;
}
