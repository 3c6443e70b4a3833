/**
 * Attempts one webhook. Waiting is a delayed message, never a hidden one; who fails an attempt sends the message of the
 * next one before it writes the record, so that whatever crashes, what the record waits for has a message:
 *
 *   message (step 2) ─► POST fails ─► message (step 3, link A) sent ─► record: step 2 done, obeys A ─► deleted
 *   the same, twice  ─► POST fails ─► message (step 3, link B) sent ─► the record's condition fails  ─► deleted
 *   message (step 3, link B): the record obeys A, dropped                 message (step 3, link A): goes on
 *   message (step 2) again, after a crash: the record is at 2 or later, dropped; or still at 1, attempted again
 *
 * So an attempt may be repeated (every one with the same `webhook-id`), none is lost, and doubles do not multiply.
 * A redelivery is a run of its own, which the record obeys in place of every older one.
 */
import { randomUUID } from 'node:crypto';
import { taskEventId } from '../../shared/events/task-event.ts';
import type { Telemetry } from '../../shared/runtime/telemetry.ts';
import type { Caller } from '../../shared/security/api-keys.ts';
import { type LinkTo, publicTask } from '../../shared/task/public-task.ts';
import { hasEnded, noAttemptYet, type TaskRecord, type WebhookState } from '../../shared/task/record.ts';
import type { TaskStore } from '../../shared/task/store.ts';
import type { Delivery } from '../../shared/webhooks/deliveries.ts';
import type { Attempted, OutgoingWebhook } from '../../shared/webhooks/post.ts';
import type { SendWebhook, WebhookMessage } from '../../shared/webhooks/webhook-queue.ts';
import type { AtHost } from './hosts.ts';
import { nextAttempt } from './schedule.ts';

export interface DeliverDependencies {
  readonly store: Pick<TaskStore, 'get' | 'noteWebhook'>;
  readonly linkTo: LinkTo;
  readonly secretsOf: (key: Caller) => Promise<readonly string[]>;
  readonly post: (webhook: OutgoingWebhook) => Promise<Attempted>;
  readonly atHost: AtHost;
  /** Into the queue of retries. */
  readonly send: SendWebhook;
  readonly putDelivery: (delivery: Delivery) => Promise<void>;
  readonly telemetry: Telemetry;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** From 0 to 1. */
  readonly random: () => number;
}

/** What became of a message. */
export type Delivered =
  /** It is not due yet. */
  | 'waiting'
  /** Its receiver was slow a moment ago. */
  | 'put_off'
  | 'delivered'
  | 'retrying'
  | 'given_up'
  | Dropped;

type Dropped = 'unknown_task' | 'no_webhook' | 'open_task' | 'done' | 'superseded';

/** What is put off together does not come back together. */
const PUT_OFF_SECONDS = { least: 5, most: 15 };

/** @throws what the table or the queue throws: then the message must come again */
export async function deliver(
  dependencies: DeliverDependencies,
  message: WebhookMessage,
): Promise<Delivered> {
  const { store, now, send } = dependencies;
  const wait = message.due === undefined ? 0 : message.due - now() / 1000;
  if (wait > 0) {
    await send(message, wait);
    return 'waiting';
  }
  const record = await store.get(message.task);
  const dropped = reasonToDrop(record, message);
  if (dropped) return dropped;
  return attempt(dependencies, record as WithWebhook, message);
}

type WithWebhook = TaskRecord & { readonly callback_url: string };

function reasonToDrop(
  record: TaskRecord | undefined,
  { run, step, link }: WebhookMessage,
): Dropped | undefined {
  if (!record) return 'unknown_task';
  if (record.callback_url === undefined) return 'no_webhook';
  if (!hasEnded(record.status)) return 'open_task';
  const state = record.webhook ?? noAttemptYet;
  if (run > state.run) return undefined;
  if (run < state.run) return 'superseded';
  if (state.status !== 'pending') return 'done';
  if (step <= state.step) return 'superseded';
  // Further ahead than by one, the record lacks a write that is still to come or was lost in a crash.
  const isNext = step === state.step + 1;
  return isNext && state.link !== undefined && state.link !== link ? 'superseded' : undefined;
}

async function attempt(
  dependencies: DeliverDependencies,
  record: WithWebhook,
  message: WebhookMessage,
): Promise<Delivered> {
  const { linkTo, secretsOf, post, atHost, send, now } = dependencies;
  const webhook = {
    url: record.callback_url,
    id: taskEventId(record),
    body: JSON.stringify(publicTask(record, linkTo)),
    secrets: await secretsOf({ owner: record.owner, keyId: record.key_id }),
  };
  let startedMs = now();
  const attempted = await atHost(hostOf(record), () => {
    startedMs = now();
    return post(webhook);
  });
  if (!attempted) return putOff(dependencies, message);
  const next = nextMessage(dependencies, record, message, attempted);
  if (next) await send(next, next.due - now() / 1000);
  await note(dependencies, record, { message, attempted, startedMs, next });
  return attempted.verdict === 'delivered' ? 'delivered' : next ? 'retrying' : 'given_up';
}

async function putOff({ send, now, random }: DeliverDependencies, message: WebhookMessage) {
  const pause = PUT_OFF_SECONDS.least + (PUT_OFF_SECONDS.most - PUT_OFF_SECONDS.least) * random();
  await send({ ...message, due: now() / 1000 + pause }, pause);
  return 'put_off' as const;
}

type NextMessage = WebhookMessage & { readonly due: number; readonly link: string };

function nextMessage(
  { now, random }: DeliverDependencies,
  record: TaskRecord,
  { task, run, step, since }: WebhookMessage,
  { verdict, retryAfterSeconds }: Attempted,
): NextMessage | undefined {
  if (verdict !== 'retry') return undefined;
  const began = since ?? record.completed ?? record.created;
  const failed = { step, now: now() / 1000, since: began, retryAfterSeconds, random: random() };
  const due = nextAttempt(failed);
  if (due === undefined) return undefined;
  return { task, run, step: step + 1, link: randomUUID(), ...(since !== undefined && { since }), due };
}

interface Made {
  readonly message: WebhookMessage;
  readonly attempted: Attempted;
  readonly startedMs: number;
  readonly next: NextMessage | undefined;
}

async function note(dependencies: DeliverDependencies, record: WithWebhook, made: Made): Promise<void> {
  const { telemetry } = dependencies;
  const { status, error, durationMs } = made.attempted;
  const state = stateAfter(record.webhook, made);
  telemetry.count('WebhookAttempt', error ?? 'delivered');
  telemetry.info('webhook attempted', {
    task: record.id,
    attempt: state.attempts,
    step: state.step,
    host: hostOf(record),
    status,
    error,
    durationMs,
    outcome: state.status,
    next: state.next_attempt,
  });
  await list(dependencies, record, state.attempts, made);
  await write(dependencies, record, made);
}

function stateAfter(
  before: WebhookState = noAttemptYet,
  { message, attempted, startedMs, next }: Made,
): WebhookState {
  const { verdict, status, error } = attempted;
  return {
    status: verdict === 'delivered' ? 'delivered' : next ? 'pending' : 'failed',
    attempts: before.attempts + 1,
    run: message.run,
    step: message.step,
    last_attempt: Math.floor(startedMs / 1000),
    ...(status !== undefined && { last_status: status }),
    ...(error && { last_error: error }),
    ...(next && { link: next.link, next_attempt: Math.ceil(next.due) }),
  };
}

/**
 * Who wrote meanwhile has either done this very attempt too, or shown that its redelivery was asked for; the attempt is
 * written on top of that:
 *
 *   redeliver ──message──────────────────────────► run B, step 0 written
 *   deliver        └─► read (run A) ─► POST ─► 200 ──────────────────────► condition fails ─► run B, step 1 written
 */
async function write({ store, telemetry }: DeliverDependencies, record: TaskRecord, made: Made) {
  for (let before = record; ; ) {
    const state = stateAfter(before.webhook, made);
    const written = await store.noteWebhook(record.id, before.webhook ?? noAttemptYet, state);
    if (written.kind === 'written') return;
    const dropped = reasonToDrop(written.found, made.message);
    if (dropped) return telemetry.info('the webhook was attempted twice', { task: record.id, dropped });
    before = written.found!;
  }
}

/** What is not listed was sent all the same: a receiver must not get it again for that. */
async function list(
  { putDelivery, telemetry }: DeliverDependencies,
  record: WithWebhook,
  attempt: number,
  { attempted, startedMs }: Made,
): Promise<void> {
  const { status, error, durationMs, answer } = attempted;
  try {
    await putDelivery({
      task_id: record.id,
      sent: `${new Date(startedMs).toISOString()}#${randomUUID().slice(0, 8)}`,
      time: Math.floor(startedMs / 1000),
      attempt,
      webhook_id: taskEventId(record),
      status,
      error,
      duration_ms: durationMs,
      answer,
      expires_at: record.expires_at,
    });
  } catch (cause) {
    telemetry.error('an attempt could not be listed', { task: record.id, error: cause });
    telemetry.count('DeliveryUnlisted');
  }
}

const hostOf = ({ callback_url: url }: WithWebhook): string => URL.parse(url)?.host ?? '';
