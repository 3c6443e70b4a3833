/**
 * The images of one completion that are in the bucket already, from whichever attempt: they are not fetched again, and
 * not lost with their links while another one of the same task is waited for.
 */
import { createHash } from 'node:crypto';
import type { KeptImage, TaskRecord, UnfinishedImage } from '../../shared/task/record.ts';

export class KeptImages {
  readonly #earlier: readonly UnfinishedImage[];
  readonly #sources: ReadonlySet<string>;
  readonly #added: UnfinishedImage[] = [];

  /** @param urls all that the provider reports this time, in its order */
  constructor({ kept_images: earlier = [] }: Pick<TaskRecord, 'kept_images'>, urls: readonly string[]) {
    this.#earlier = earlier;
    this.#sources = new Set(urls.map(sourceOf));
  }

  /** The image that was kept from this very address. */
  find(index: number, url: string): KeptImage | undefined {
    const source = sourceOf(url);
    const same = this.#earlier.filter((image) => image.source === source);
    return resultAt(index, same.find((image) => image.index === index) ?? same[0]);
  }

  /** The one that an earlier report had in this place, at an address that is in no place now: it was signed anew. */
  findRenamed(index: number): KeptImage | undefined {
    const isRenamed = (image: UnfinishedImage) => image.index === index && !this.#sources.has(image.source);
    return resultAt(index, this.#earlier.find(isRenamed));
  }

  add(image: KeptImage, url: string): void {
    this.#added.push({ ...image, source: sourceOf(url) });
  }

  /** All that the next attempt should know, one image a place; nothing when it knows already. */
  get news(): readonly UnfinishedImage[] | undefined {
    if (this.#added.length === 0) return undefined;
    const byPlace = new Map([...this.#earlier, ...this.#added].map((image) => [image.index, image]));
    return [...byPlace.values()];
  }
}

/** Addresses may be long, and they carry rights. */
const sourceOf = (url: string): string => createHash('sha256').update(url).digest('hex').slice(0, 32);

function resultAt(index: number, found: UnfinishedImage | undefined): KeptImage | undefined {
  if (!found) return undefined;
  const { source: _, ...image } = found;
  return { ...image, index };
}
