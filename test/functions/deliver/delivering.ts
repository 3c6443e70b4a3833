/** Webhooks in virtual time: a real table, a queue and a receiver that a test writes, and a clock that jumps. */
import { ulid } from 'ulid';
import { type DeliverDependencies, type Delivered, deliver } from '../../../functions/deliver/deliver.ts';
import { hostLimits, slowHosts } from '../../../functions/deliver/hosts.ts';
import type { TaskStore } from '../../../shared/task/store.ts';
import type { Delivery } from '../../../shared/webhooks/deliveries.ts';
import type { Attempted, OutgoingWebhook } from '../../../shared/webhooks/post.ts';
import { readWebhookMessage, type WebhookMessage } from '../../../shared/webhooks/webhook-queue.ts';
import { CREATED, outcome, taskRecord } from '../../support/records.ts';
import { keptTelemetry } from '../../support/telemetry.ts';

export const URL = 'https://hooks.example.com/wan?token=of-the-caller';
/** When the outcome of every task here was recorded; seconds since 1970. */
export const ENDED = CREATED + 30;

export interface Sent extends OutgoingWebhook {
  /** Seconds since the outcome. */
  readonly at: number;
}

interface Waiting {
  readonly body: string;
  readonly visibleAt: number;
}

export const delivered: Attempted = { verdict: 'delivered', status: 200, durationMs: 5, answer: 'ok' };
export const failing: Attempted = {
  verdict: 'retry',
  status: 500,
  error: 'unexpected_status',
  durationMs: 5,
  answer: 'no',
};

export class Delivering {
  readonly store: TaskStore;
  readonly telemetry = keptTelemetry();
  /** What the receiver got. */
  readonly sent: Sent[] = [];
  readonly deliveries: Delivery[] = [];
  readonly results: Delivered[] = [];
  readonly #queue: Waiting[] = [];
  /** Asked at each attempt, with how many there were before. */
  answer: (count: number) => Attempted = () => delivered;
  /** What happens while the receiver answers. */
  meanwhile: () => Promise<unknown> = async () => undefined;
  /** Throws to let a message crash: before or after each step. */
  crash: (step: string) => void = () => undefined;
  ms = ENDED * 1000;

  constructor(store: TaskStore) {
    this.store = store;
  }

  /** A task that has ended, with its outcome recorded. @returns its id */
  async ended(changes: Parameters<typeof taskRecord>[0] = { callback_url: URL }): Promise<string> {
    const record = taskRecord({ id: `task_${ulid()}`, ...changes });
    await this.store.putIntent(record);
    await this.store.conclude(record.id, outcome({ completed: ENDED }));
    return record.id;
  }

  put(message: WebhookMessage | { task: string }, delaySeconds = 0): void {
    this.#queue.push({ body: JSON.stringify(message), visibleAt: this.ms + delaySeconds * 1000 });
  }

  get queued(): readonly WebhookMessage[] {
    return this.#queue.map(({ body }) => readWebhookMessage(body)!);
  }

  /** Receives the next message, when it becomes visible. @returns false when there is none */
  async step(): Promise<boolean> {
    this.#queue.sort((a, b) => a.visibleAt - b.visibleAt);
    const next = this.#queue.shift();
    if (next) await this.#receive(next);
    return next !== undefined;
  }

  /** Receives everything that is queued at once, when the last of it becomes visible. */
  async stepAtOnce(): Promise<void> {
    await Promise.all(this.#queue.splice(0).map((message) => this.#receive(message)));
  }

  async #receive({ body, visibleAt }: Waiting): Promise<void> {
    this.ms = Math.max(this.ms, visibleAt);
    try {
      this.results.push(await deliver(this.dependencies(), readWebhookMessage(body)!));
    } catch {
      // As the queue does: it comes again when its visibility time-out is over.
      this.#queue.push({ body, visibleAt: this.ms + 180_000 });
    }
  }

  async run(mostSteps = 1000): Promise<void> {
    for (let steps = 0; await this.step(); steps++) {
      if (steps > mostSteps) throw new Error(`There are messages after ${mostSteps} steps`);
    }
  }

  dependencies(): DeliverDependencies {
    return {
      store: {
        get: (id) => this.store.get(id),
        noteWebhook: async (...write) => {
          this.crash('before write');
          const written = await this.store.noteWebhook(...write);
          this.crash('after write');
          return written;
        },
      },
      linkTo: (taskId, index) => `https://api.example.com/v1/images/${taskId}/${index}/link`,
      secretsOf: async ({ owner, keyId }) => [`whsec_${owner}-${keyId}`],
      post: async (webhook) => {
        this.sent.push({ ...webhook, at: this.ms / 1000 - ENDED });
        const answered = this.answer(this.sent.length - 1);
        this.ms += answered.durationMs;
        await this.meanwhile();
        this.crash('after post');
        return answered;
      },
      atHost: hostLimits(slowHosts()),
      send: async (message, delaySeconds) => {
        this.put(message, Math.min(Math.max(Math.ceil(delaySeconds), 0), 900));
        this.crash('after send');
      },
      putDelivery: async (delivery) => {
        this.deliveries.push(delivery);
      },
      telemetry: this.telemetry,
      now: () => this.ms,
      random: () => 0.5,
    };
  }
}
