/** A task as callers see it: the same in the API, in events and in webhooks (README, "The HTTP API"). */
import type { Json } from '../runtime/json.ts';
import type { KeptImage, LostImage, OutputItem, Status, TaskError, TaskRecord } from './record.ts';

export interface PublicImage {
  readonly url: string;
  readonly width: number;
  readonly height: number;
  readonly bytes: number;
  readonly content_type: string;
  readonly sha256: string;
  readonly s3: { readonly bucket: string; readonly key: string };
  /** Set when the file was cut short at its host; absent otherwise. */
  readonly truncated?: true;
}

export type PublicContent =
  | { readonly type: 'image'; readonly url: string }
  | { readonly type: 'text'; readonly text: string; readonly truncated?: true };

export interface PublicTask {
  readonly id: string;
  readonly object: 'image.generation.task';
  readonly type: 'image';
  readonly model: string;
  readonly created: number;
  readonly status: Status;
  readonly progress: number;
  readonly task_info: { readonly can_cancel: false; readonly estimated_time?: number };
  readonly prompt: string;
  readonly results: readonly string[];
  readonly output: readonly { readonly content: readonly PublicContent[] }[];
  readonly images: readonly PublicImage[];
  /** What the provider named and nobody can have any more; absent when nothing was lost. */
  readonly lost?: readonly LostImage[];
  readonly usage: Json;
  readonly error: TaskError | null;
  readonly metadata: Readonly<Record<string, string>>;
  readonly completed: number | null;
}

/** Makes the link to a task's image; the link carries its right and its expiry. */
export type LinkTo = (taskId: string, index: number) => string;

export function publicTask(record: TaskRecord, linkTo: LinkTo): PublicTask {
  const link = (index: number) => linkTo(record.id, index);
  const images = record.images ?? [];
  return {
    id: record.id,
    object: 'image.generation.task',
    type: 'image',
    model: record.model,
    created: record.created,
    status: record.status,
    progress: record.progress,
    task_info: {
      can_cancel: false,
      ...(record.estimated_time !== undefined && { estimated_time: record.estimated_time }),
    },
    prompt: record.prompt,
    results: images.map(({ index }) => link(index)),
    output: record.output?.length ? [{ content: contentOf(record.output, images, link) }] : [],
    images: images.map((image) => publicImage(image, link(image.index))),
    ...(record.lost?.length && { lost: record.lost }),
    usage: record.usage ?? record.reserved ?? null,
    error: record.error ?? null,
    metadata: record.metadata,
    completed: record.completed ?? null,
  };
}

/** A lost image has no link: it is left out here and listed under `lost`. */
function contentOf(
  output: readonly OutputItem[],
  images: readonly KeptImage[],
  link: (index: number) => string,
) {
  const kept = new Set(images.map(({ index }) => index));
  return output.flatMap((item): PublicContent[] => {
    if (item.type === 'text') return [item];
    return kept.has(item.index) ? [{ type: 'image', url: link(item.index) }] : [];
  });
}

function publicImage({ index: _, bucket, key, ...facts }: KeptImage, url: string): PublicImage {
  return { url, ...facts, s3: { bucket, key } };
}
