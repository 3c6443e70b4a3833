/** Opens an image link: checks the right that it carries, finds the object, makes an address on the spot. */
import type { Signer } from '../../shared/security/signer.ts';
import { isTaskId } from '../../shared/task/ids.ts';
import type { KeptImage, TaskRecord } from '../../shared/task/record.ts';

export interface ImageLink {
  readonly taskId: string;
  readonly index: string;
  readonly signature: string;
}

export type Opened =
  | { readonly kind: 'image'; readonly image: KeptImage }
  /** The link is forged or has expired. */
  | { readonly kind: 'forbidden' }
  /** There is no such task, or no such image of it (any more). */
  | { readonly kind: 'unknown' };

export async function openImage(
  get: (id: string) => Promise<TaskRecord | undefined>,
  signer: Signer,
  link: ImageLink,
): Promise<Opened> {
  // First of all, so that a forged link does not tell by its answer which tasks there are.
  if (!signer.verifyImageLink(link.taskId, link.index, link.signature)) return { kind: 'forbidden' };
  const record = isTaskId(link.taskId) ? await get(link.taskId) : undefined;
  const image = record?.images?.find(({ index }) => String(index) === link.index);
  return image ? { kind: 'image', image } : { kind: 'unknown' };
}

/** What a person calls the file: `task_…-1.png`, counted from 1. */
export function fileName({ taskId, index }: ImageLink, { key }: KeptImage): string {
  return `${taskId}-${Number(index) + 1}.${key.split('.').at(-1)}`;
}
