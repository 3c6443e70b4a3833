/** Files that are allowed one by one may be more than a request carries together: then the largest are made smaller. */
import type { Reference } from './reference.ts';

export interface Reduction {
  readonly id: string;
  readonly mostBytes: number;
}

const bytesOf = ({ source }: Reference): number => (source.kind === 'file' ? source.file.size : 0);

/**
 * Which pictures are to be made smaller, and how small: what small ones leave of their share, the large ones get.
 * @param most bytes of all files together
 */
export function reductionsFor(references: readonly Reference[], most: number): Reduction[] {
  const bySize = references.filter(({ fault }) => !fault).toSorted((a, b) => bytesOf(a) - bytesOf(b));
  if (bySize.reduce((sum, one) => sum + bytesOf(one), 0) <= most) return [];
  let left = most;
  return bySize.flatMap((reference, index) => {
    const share = Math.floor(left / (bySize.length - index));
    left -= Math.min(bytesOf(reference), share);
    return bytesOf(reference) > share ? [{ id: reference.id, mostBytes: share }] : [];
  });
}
