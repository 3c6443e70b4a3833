/** Sizes as a person sees them: a shape, or a width and a height. */
import type { ModelLimits } from '../../../../shared/models/limits.ts';
import { type SizeFault, sizeFault } from '../../../../shared/models/measures.ts';

/** As typed: digits, or anything else. */
export interface TypedSize {
  readonly width: string;
  readonly height: string;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

type SizeLimits = NonNullable<ModelLimits['size']>;

/** The documented recommendations, which all models with a size accept; a model that has its own gets its own. */
const SHAPES = ['1280x1280', '1104x1472', '1472x1104', '960x1696', '1696x960'];

/** Accepts `1280x1280`, `1280*1280` and `1280×1280`. */
export function parseSize(text: string): TypedSize | undefined {
  const [, width, height] = /^\s*(\d{1,6})\s*[x*×]\s*(\d{1,6})\s*$/i.exec(text) ?? [];
  return width && height ? { width, height } : undefined;
}

export function numbersOf({ width, height }: TypedSize): Size | undefined {
  const size = { width: Number(width), height: Number(height) };
  return size.width > 0 && size.height > 0 ? size : undefined;
}

/** As the model spells it. */
export const spelled = ({ width, height }: TypedSize, { rule }: SizeLimits): string =>
  `${width.trim()}${rule.separator}${height.trim()}`;

/** The very check that decides when it is sent. */
export const faultOf = (size: TypedSize, limits: SizeLimits): SizeFault | undefined =>
  sizeFault(spelled(size, limits), limits.rule);

/** The shapes that are offered. */
export function shapesOf(limits: SizeLimits): TypedSize[] {
  const offered = limits.rule.recommended ?? SHAPES;
  return offered.flatMap((text) => parseSize(text) ?? []).filter((size) => !faultOf(size, limits));
}

/** What is made without a choice; nothing where the model decides by itself. */
export const defaultSize = (limits: SizeLimits): TypedSize | undefined =>
  limits.default === undefined ? undefined : parseSize(limits.default);

export const sameSize = (one: TypedSize | undefined, other: TypedSize | undefined): boolean =>
  one?.width === other?.width && one?.height === other?.height;

const known = [
  [1, 1],
  [3, 4],
  [4, 3],
  [9, 16],
  [16, 9],
  [2, 3],
  [3, 2],
  [1, 2],
  [2, 1],
  [1, 4],
  [4, 1],
] as const;
/** 960×1696 is called 9:16 everywhere. */
const CLOSE = 0.015;

/** The ratio by its usual name, or as a number to one. */
export function ratioName({ width, height }: Size): string {
  const ratio = width / height;
  const near = known.find(([w, h]) => Math.abs(ratio / (w / h) - 1) < CLOSE);
  if (near) return near.join(':');
  return ratio >= 1 ? `${ratio.toFixed(2)}:1` : `1:${(1 / ratio).toFixed(2)}`;
}
