/** How much of what a provider lists becomes part of a task: whoever lists thousands of results stops nobody else. */
import type { LostImage } from '../task/record.ts';
import type { ContentItem } from './provider.ts';

/** Documented are four at the most (docs/models.md). */
const MAX_IMAGES = 32;
const MAX_TEXTS = 100;
/** Of the excess so many are listed one by one; a longer list would not fit into an event. */
const MAX_LISTED = 1000;

export interface CappedResults {
  readonly content: readonly ContentItem[];
  /** The images beyond the limit, counted in the provider's order; absent when there are none. */
  readonly lost?: readonly LostImage[];
}

/** The first images and texts, in their order; the last text says when others were left out behind it. */
export function capResults(content: readonly ContentItem[]): CappedResults {
  let images = 0;
  let texts = 0;
  const kept = content.filter(({ type }) => (type === 'image' ? images++ < MAX_IMAGES : texts++ < MAX_TEXTS));
  const listed = Math.min(Math.max(0, images - MAX_IMAGES), MAX_LISTED);
  return {
    content: texts > MAX_TEXTS ? markLastText(kept) : kept,
    ...(listed > 0 && { lost: tooMany(listed) }),
  };
}

const tooMany = (count: number): LostImage[] =>
  Array.from({ length: count }, (_, nth) => ({ index: MAX_IMAGES + nth, reason: 'too_many_results' }));

function markLastText(content: readonly ContentItem[]): ContentItem[] {
  const last = content.findLastIndex(({ type }) => type === 'text');
  return content.map((item, at) =>
    at === last && item.type === 'text' ? { ...item, truncated: true } : item,
  );
}
