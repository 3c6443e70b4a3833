/** The documented limits of an input image. Source: docs/models.md, "Input images". */
import { type ImageFacts, inspectHead } from '../../shared/images/inspect.ts';
import { hasTransparency } from './transparency.ts';

/** What an image's bytes, or its first ones, say of it. */
export type Judgement =
  | { readonly kind: 'accepted'; readonly facts: ImageFacts }
  /** It begins like an image, and its size stands behind these bytes. */
  | { readonly kind: 'undecided' }
  /** The reason ends a sentence that begins with the name of the field. */
  | { readonly kind: 'refused'; readonly reason: string };

export const MAX_BYTES = 10 * 1024 * 1024;
export const TOO_LARGE = 'must be at most 10 MB';
const MIN_SIDE = 384;
const MAX_SIDE = 5000;
const allowedTypes = new Set(['image/jpeg', 'image/png', 'image/bmp', 'image/webp']);

export function judge(bytes: Buffer): Judgement {
  if (bytes.length > MAX_BYTES) return refused(TOO_LARGE);
  const head = inspectHead(bytes);
  if (head.kind === 'cut_short') return { kind: 'undecided' };
  if (head.kind !== 'image') return wrongType(head.format);
  if (!allowedTypes.has(head.contentType)) return wrongType(head.format);
  if (hasTransparency(bytes)) return wrongType('PNG with transparency');
  const sides = [head.width, head.height];
  if (sides.some((side) => side < MIN_SIDE || side > MAX_SIDE)) {
    return refused(`must be from ${MIN_SIDE} to ${MAX_SIDE} pixels wide and high, not ${sides.join('×')}`);
  }
  return { kind: 'accepted', facts: head };
}

const refused = (reason: string): Judgement => ({ kind: 'refused', reason });

/** @param found what it is instead, if that is known */
const wrongType = (found: string | undefined): Judgement =>
  refused(`must be a JPEG, PNG without transparency, BMP or WEBP image${found ? `, not ${found}` : ''}`);
