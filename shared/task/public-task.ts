/** A task as callers see it: the same in the API, in events and in webhooks (README, "The HTTP API"). */
import type { Json } from '../runtime/json.ts';
import { amountOf } from '../usage/money.ts';
import { isRefusedForNow } from './life-cycle.ts';
import {
  type Charge,
  type ChargeSource,
  type KeptImage,
  type LostImage,
  noAttemptYet,
  type OutputItem,
  type Status,
  type TaskError,
  type TaskRecord,
  type WebhookState,
} from './record.ts';

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

/** The webhook to the caller's `callback_url`. Times are seconds since 1970. */
export interface PublicCallback {
  readonly url: string;
  readonly status: WebhookState['status'];
  readonly attempts: number;
  /** Null when no answer came. */
  readonly last_status: number | null;
  readonly last_error: string | null;
  readonly last_attempt: number | null;
  readonly next_attempt: number | null;
}

/** What a task cost. */
export interface PublicCharge {
  /** That the provider made, also those that were lost. */
  readonly images: number;
  /** Of the currency, with at most six decimals; null when it is not known. */
  readonly amount: number | null;
  readonly currency: string | null;
  readonly source: ChargeSource;
}

export interface PublicTask {
  readonly id: string;
  readonly object: 'image.generation.task';
  readonly type: 'image';
  readonly model: string;
  readonly created: number;
  readonly status: Status;
  readonly progress: number;
  readonly task_info: { readonly can_cancel: false; readonly estimated_time?: number };
  /** Set while the provider has refused it for the time being: nothing was created, nothing runs; absent otherwise. */
  readonly not_created?: true;
  readonly prompt: string;
  readonly results: readonly string[];
  readonly output: readonly { readonly content: readonly PublicContent[] }[];
  readonly images: readonly PublicImage[];
  /** What the provider named and nobody can have any more; absent when nothing was lost. */
  readonly lost?: readonly LostImage[];
  readonly usage: Json;
  /** Null until the task has ended; absent for tasks that are older than it. */
  readonly charge?: PublicCharge | null;
  readonly error: TaskError | null;
  readonly metadata: Readonly<Record<string, string>>;
  readonly completed: number | null;
  /** Absent when the request had no `callback_url`. */
  readonly callback?: PublicCallback;
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
    ...(isRefusedForNow(record) && { not_created: true as const }),
    prompt: record.prompt,
    results: images.map(({ index }) => link(index)),
    output: record.output?.length ? [{ content: contentOf(record.output, images, link) }] : [],
    images: images.map((image) => publicImage(image, link(image.index))),
    ...(record.lost?.length && { lost: record.lost }),
    usage: record.usage ?? record.reserved ?? null,
    ...chargeOf(record),
    error: record.error ?? null,
    metadata: record.metadata,
    completed: record.completed ?? null,
    ...(record.callback_url !== undefined && {
      callback: publicCallback(record.callback_url, record.webhook),
    }),
  };
}

/** Of records that are older than charges nobody knows what was asked. */
function chargeOf({ asked, charge }: TaskRecord): Pick<PublicTask, 'charge'> {
  if (charge) return { charge: publicCharge(charge) };
  return asked ? { charge: null } : {};
}

const publicCharge = ({ images, amount, currency, source }: Charge): PublicCharge => ({
  images,
  amount: amount === undefined ? null : amountOf(amount),
  currency: currency ?? null,
  source,
});

function publicCallback(url: string, state: WebhookState = noAttemptYet): PublicCallback {
  return {
    url,
    status: state.status,
    attempts: state.attempts,
    last_status: state.last_status ?? null,
    last_error: state.last_error ?? null,
    last_attempt: state.last_attempt ?? null,
    next_attempt: state.next_attempt ?? null,
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
