/** Has a task's webhook sent again, with the same `webhook-id`: a new run of attempts takes the place of the present one. */
import { decodeTime, ulid } from 'ulid';
import { hasEnded, noAttemptYet, type TaskRecord, type WebhookState } from '../../shared/task/record.ts';
import type { TaskStore } from '../../shared/task/store.ts';
import type { SendWebhook } from '../../shared/webhooks/webhook-queue.ts';

export interface RedeliverDependencies {
  readonly store: Pick<TaskStore, 'get' | 'noteWebhook'>;
  /** Into the webhooks queue. */
  readonly send: SendWebhook;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

export type Redelivery =
  | { readonly kind: 'queued'; readonly record: TaskRecord }
  /** The request had no `callback_url`. */
  | { readonly kind: 'no_webhook' }
  /** There is no outcome to send yet. */
  | { readonly kind: 'open' };

/**
 * The message goes first: its run is newer than the record's and counts without the write, which only shows it at once. A
 * crash in between, or an attempt that is noted meanwhile, loses nothing.
 */
export async function redeliver(
  dependencies: RedeliverDependencies,
  record: TaskRecord,
): Promise<Redelivery> {
  const { store, send, now } = dependencies;
  if (record.callback_url === undefined) return { kind: 'no_webhook' };
  if (!hasEnded(record.status)) return { kind: 'open' };
  const before = record.webhook ?? noAttemptYet;
  const seconds = Math.floor(now() / 1000);
  const run = newRun(before.run, now());
  await send({ task: record.id, run, step: 1, since: seconds }, 0);
  const { link: _, ...kept } = before;
  const webhook: WebhookState = { ...kept, status: 'pending', run, step: 0, next_attempt: seconds };
  const written = await store.noteWebhook(record.id, before, webhook);
  if (written.kind === 'written') return { kind: 'queued', record: { ...record, webhook } };
  return { kind: 'queued', record: written.found ?? record };
}

/** Greater than the one before, also where this machine's clock is behind. */
const newRun = (before: string, now: number): string =>
  ulid(before === '' ? now : Math.max(now, decodeTime(before) + 1));
