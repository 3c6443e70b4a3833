/** Adding, mending and moving reference images. */

import { freshId } from '../api/fresh-id.ts';
import { MOST_FILE_BYTES } from '../compose/check.ts';
import { withChanged, withMoved, withoutReference } from '../compose/form.ts';
import { MAX_BYTES } from '../references/check.ts';
import { reductionsFor } from '../references/fit.ts';
import { mended, referenceOf } from '../references/prepare.ts';
import type { Reference } from '../references/reference.ts';
import { announce } from './announce.ts';
import { addReference, change, form } from './form.ts';
import { words } from './words.ts';

/** More at once is a slip of the hand. */
const MOST_AT_ONCE = 10;

export async function addFiles(files: readonly File[]): Promise<void> {
  for (const file of files.slice(0, MOST_AT_ONCE)) {
    const reference = await referenceOf(file);
    addReference(reference);
    announce(words.peek().added(reference.name));
  }
  await fitTogether();
}

async function fitTogether(): Promise<void> {
  for (const { id, mostBytes } of reductionsFor(form.peek().references, MOST_FILE_BYTES)) {
    const reference = form.peek().references.find((one) => one.id === id);
    if (reference) replace(id, await mended(reference, mostBytes));
  }
}

/** A picture that was made here becomes the next reference. */
export function addResult(
  image: { url: string; width: number; height: number; bytes: number },
  preview: string,
): void {
  const name = `${image.width} × ${image.height}`;
  const source = { kind: 'result', url: image.url } as const;
  addReference({ ...image, id: freshId(), name, source, preview, fault: undefined });
  announce(words.peek().added(name));
}

export function remove(reference: Reference): void {
  change(withoutReference(form.peek(), reference.id), 'references');
  announce(words.peek().removed(reference.name));
}

export function move(from: number, to: number): void {
  change(withMoved(form.peek(), from, to), 'references');
  announce(words.peek().moved(to + 1));
}

export async function mend(reference: Reference): Promise<void> {
  replace(reference.id, await mended(reference, MAX_BYTES));
  await fitTogether();
}

function replace(id: string, reference: Reference): void {
  change(withChanged(form.peek(), id, reference), 'references');
}
