/**
 * Many webhooks at once in virtual time: the real code of `deliver`, two queues with what SQS and Lambda do to their
 * messages (batches, delays, a limit of concurrency, functions that live on), and receivers that a test describes.
 */
import type { SQSRecord } from 'aws-lambda';
import { deliverMessages, type MessagesDependencies } from '../../../functions/deliver/deliver-messages.ts';
import { hostLimits, rememberedHosts, type SlowHosts, slowHosts } from '../../../functions/deliver/hosts.ts';
import { noAttemptYet, type TaskRecord, type WebhookState } from '../../../shared/task/record.ts';
import type { Attempted, OutgoingWebhook } from '../../../shared/webhooks/post.ts';
import { taskRecord } from '../../support/records.ts';
import { keptTelemetry } from '../../support/telemetry.ts';
import { VirtualTime } from './virtual-time.ts';

const BATCH = 10;
const RECEIVE_MS = 50;
const TABLE_MS = 10;
const SEND_MS = 20;

export interface Arrival {
  readonly task: string;
  readonly host: string;
  /** Milliseconds since the task's outcome. */
  readonly afterMs: number;
}

interface Waiting {
  readonly body: string;
  readonly visibleAt: number;
}

/** What an instance of a function does to a batch. @param slow what this instance has remembered */
type Work = (slow: SlowHosts, bodies: readonly string[]) => Promise<void>;

/** A queue and the function that it feeds. */
class Fed {
  readonly #waiting: Waiting[] = [];
  /** What the instances that are free have remembered. */
  readonly #free: SlowHosts[] = [];
  readonly #concurrency: number;
  readonly #newInstance: () => SlowHosts;
  readonly #work: Work;
  readonly #time: VirtualTime;
  #underWay = 0;
  mostUnderWay = 0;

  constructor(time: VirtualTime, concurrency: number, newInstance: () => SlowHosts, work: Work) {
    this.#time = time;
    this.#concurrency = concurrency;
    this.#newInstance = newInstance;
    this.#work = work;
  }

  get depth(): number {
    return this.#waiting.length;
  }

  put(body: string, delaySeconds: number): void {
    this.#waiting.push({ body, visibleAt: this.#time.ms + delaySeconds * 1000 });
    void this.#time.sleep(delaySeconds * 1000 + RECEIVE_MS).then(() => this.#poll());
  }

  #poll(): void {
    while (this.#underWay < this.#concurrency) {
      const bodies = this.#receive();
      if (bodies.length === 0) return;
      void this.#invoke(bodies);
    }
  }

  #receive(): string[] {
    const bodies: string[] = [];
    for (let nth = 0; nth < this.#waiting.length && bodies.length < BATCH; ) {
      if (this.#waiting[nth]!.visibleAt > this.#time.ms) nth += 1;
      else bodies.push(...this.#waiting.splice(nth, 1).map(({ body }) => body));
    }
    return bodies;
  }

  async #invoke(bodies: readonly string[]): Promise<void> {
    this.#underWay += 1;
    this.mostUnderWay = Math.max(this.mostUnderWay, this.#underWay);
    const instance = this.#free.pop() ?? this.#newInstance();
    await this.#work(instance, bodies);
    this.#free.push(instance);
    this.#underWay -= 1;
    this.#poll();
  }
}

export class Fleet {
  readonly time = new VirtualTime();
  readonly first: Fed;
  readonly retries: Fed;
  readonly arrivals: Arrival[] = [];
  readonly #records = new Map<string, TaskRecord>();
  readonly #endedMs = new Map<string, number>();
  readonly #receive: (host: string) => Attempted;
  readonly #random: () => number;

  /** @param receive what a receiver answers, and how long it takes (`durationMs`) */
  constructor(receive: (host: string) => Attempted, random: () => number) {
    this.#receive = receive;
    this.#random = random;
    const work: Work = (slow, bodies) => this.#work(slow, bodies);
    // The settings' defaults (infra/settings.ts).
    this.first = new Fed(this.time, 100, () => rememberedHosts(() => this.time.ms), work);
    this.retries = new Fed(this.time, 50, slowHosts, (_, bodies) => this.#work(slowHosts(), bodies));
  }

  /** Has a task end after so many milliseconds, with a webhook to that host. */
  endAt(ms: number, host: string): void {
    const id = `task_${this.#records.size}`;
    const seconds = Math.floor((this.time.ms + ms) / 1000);
    const ended = { status: 'completed', completed: seconds } as const;
    this.#records.set(id, taskRecord({ id, callback_url: `https://${host}/hook`, ...ended }));
    void this.time.sleep(ms).then(() => {
      this.#endedMs.set(id, this.time.ms);
      this.first.put(JSON.stringify({ task: id }), 0);
    });
  }

  statesAt(host: string): WebhookState[] {
    return [...this.#records.values()]
      .filter(({ callback_url }) => callback_url === `https://${host}/hook`)
      .map(({ webhook }) => webhook ?? noAttemptYet);
  }

  async #work(slow: SlowHosts, bodies: readonly string[]): Promise<void> {
    const attributes = { ApproximateReceiveCount: '1' };
    const messages = bodies.map((body, nth) => ({ body, messageId: String(nth), attributes }) as SQSRecord);
    const again = await deliverMessages(this.#dependencies(slow), messages);
    if (again.length > 0) throw new Error('Nothing fails here, so nothing has to come again');
  }

  #dependencies(slow: SlowHosts): MessagesDependencies {
    const { time } = this;
    return {
      store: {
        get: async (id) => {
          await time.sleep(TABLE_MS);
          return this.#records.get(id);
        },
        noteWebhook: async (id, before, webhook) => {
          await time.sleep(TABLE_MS);
          const found = this.#records.get(id)!;
          const { attempts, run } = found.webhook ?? before;
          if (attempts !== before.attempts || run !== before.run) return { kind: 'conflict', found };
          this.#records.set(id, { ...found, webhook });
          return { kind: 'written' };
        },
      },
      linkTo: (taskId, index) => `https://api.example.com/v1/images/${taskId}/${index}/link`,
      secretsOf: async () => ['whsec_c2VjcmV0'],
      post: (webhook) => this.#post(webhook),
      atHost: hostLimits(slow),
      send: async (message, delaySeconds) => {
        await time.sleep(SEND_MS);
        this.retries.put(JSON.stringify(message), Math.min(Math.max(Math.ceil(delaySeconds), 0), 900));
      },
      putDelivery: () => time.sleep(TABLE_MS),
      hide: async () => undefined,
      telemetry: { ...keptTelemetry(), info: () => undefined, count: () => undefined },
      now: () => time.ms,
      random: this.#random,
    };
  }

  async #post({ url, id }: OutgoingWebhook): Promise<Attempted> {
    const { host } = new URL(url);
    const task = id.split(':')[0]!;
    this.arrivals.push({ task, host, afterMs: this.time.ms - this.#endedMs.get(task)! });
    const attempted = this.#receive(host);
    await this.time.sleep(attempted.durationMs);
    return attempted;
  }
}
