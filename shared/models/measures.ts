/**
 * How prompts and sizes are measured. Source: docs/models.md. It loads no schema library, so that the page measures
 * with the very code that decides here.
 */

/** One Chinese character, letter, digit or symbol is one: code points, not UTF-16 units. */
export const length = (text: string): number => [...text].length;

export interface SizeRule {
  /** The documented separator: the letter x or an asterisk. */
  readonly separator: 'x' | '*';
  readonly minPixels: number;
  readonly maxPixels: number;
  /** Recommended sizes that are accepted although they lie outside of the pixel range. */
  readonly recommended?: readonly string[];
}

const MIN_RATIO = 1 / 4;
const MAX_RATIO = 4;

/** Which part of a size rule is broken, or nothing; in the order of wan26_i2i's codes, where each has its own. */
export type SizeFault = 'form' | 'pixels' | 'ratio' | 'not_integer';

export function sizeFault(size: string, rule: SizeRule): SizeFault | undefined {
  const parts = size.split(rule.separator);
  if (parts.length !== 2 || parts.some((part) => !/^-?(0|[1-9]\d{0,8})(\.\d{1,9})?$/.test(part)))
    return 'form';
  if (rule.recommended?.includes(size)) return undefined;
  const [width, height] = parts.map(Number) as [number, number];
  if (width * height < rule.minPixels || width * height > rule.maxPixels) return 'pixels';
  const ratio = width / height;
  if (ratio < MIN_RATIO || ratio > MAX_RATIO) return 'ratio';
  return parts.every((part) => /^\d+$/.test(part)) ? undefined : 'not_integer';
}
