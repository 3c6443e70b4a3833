/**
 * What attempts at one completion know of its images: which are in the bucket already, whichever attempt kept them, so
 * that they are not fetched again and not lost with their links; and which their hosts called gone in time.
 */
import { createHash } from 'node:crypto';
import type { KeptImage, TaskRecord, UnfinishedImage } from '../../shared/task/record.ts';

export class AttemptNotes {
  readonly #kept: readonly UnfinishedImage[];
  readonly #gone: ReadonlySet<string>;
  readonly #reported: ReadonlySet<string>;
  readonly #keptNow: UnfinishedImage[] = [];
  readonly #goneNow = new Set<string>();

  /** @param urls all that the provider reports this time, in its order */
  constructor(record: Pick<TaskRecord, 'kept_images' | 'gone_images'>, urls: readonly string[]) {
    this.#kept = record.kept_images ?? [];
    this.#gone = new Set(record.gone_images);
    this.#reported = new Set(urls.map(sourceOf));
  }

  /** The image that was kept from this very address. */
  find(index: number, url: string): KeptImage | undefined {
    const source = sourceOf(url);
    const same = this.#kept.filter((image) => image.source === source);
    return resultAt(index, same.find((image) => image.index === index) ?? same[0]);
  }

  /** The one that an earlier report had in this place, at an address that is in no place now: it was signed anew. */
  findRenamed(index: number): KeptImage | undefined {
    const isRenamed = (image: UnfinishedImage) => image.index === index && !this.#reported.has(image.source);
    return resultAt(index, this.#kept.find(isRenamed));
  }

  /** Whether its host called it gone when an earlier attempt asked in time. */
  wasGone(url: string): boolean {
    return this.#gone.has(sourceOf(url));
  }

  addKept(image: KeptImage, url: string): void {
    this.#keptNow.push({ ...image, source: sourceOf(url) });
  }

  addGone(url: string): void {
    if (!this.wasGone(url)) this.#goneNow.add(sourceOf(url));
  }

  /** All images that are kept, one a place; nothing when the record shows them. */
  get keptNews(): readonly UnfinishedImage[] | undefined {
    if (this.#keptNow.length === 0) return undefined;
    const byPlace = new Map([...this.#kept, ...this.#keptNow].map((image) => [image.index, image]));
    return [...byPlace.values()].sort((one, other) => one.index - other.index);
  }

  /** All images of this report that are gone, by their sources; nothing when the record shows them. */
  get goneNews(): readonly string[] | undefined {
    if (this.#goneNow.size === 0) return undefined;
    return [...this.#gone, ...this.#goneNow].filter((source) => this.#reported.has(source));
  }
}

/** Addresses may be long, and they carry rights. */
const sourceOf = (url: string): string => createHash('sha256').update(url).digest('hex').slice(0, 32);

function resultAt(index: number, found: UnfinishedImage | undefined): KeptImage | undefined {
  if (!found) return undefined;
  const { source: _, ...image } = found;
  return { ...image, index };
}
