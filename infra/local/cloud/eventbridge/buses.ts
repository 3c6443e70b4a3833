// Event buses: takes events, matches them against the rules, and sends them on to the rules' queues.

import { randomUUID } from 'node:crypto';
import type { Activity } from '../activity.ts';
import type { RequestLedger } from '../aws/request-ledger.ts';
import type { Queues } from '../sqs/queues.ts';
import type { Pattern } from './pattern.ts';

/** An event as it travels: EventBridge's envelope around the sender's `detail`. */
export interface BusEvent {
  readonly version: '0';
  readonly id: string;
  readonly 'detail-type': string;
  readonly source: string;
  readonly account: string;
  /** ISO 8601, whole seconds. */
  readonly time: string;
  readonly region: string;
  readonly resources: readonly string[];
  readonly detail: unknown;
}

export interface RuleTarget {
  readonly arn: string;
  readonly deadLetterArn: string | undefined;
}

export interface Rule {
  readonly name: string;
  readonly arn: string;
  readonly matches: Pattern;
  readonly targets: readonly RuleTarget[];
}

export interface BusEntry {
  readonly source: string;
  readonly detailType: string;
  /** JSON text of the detail. */
  readonly detail: string;
  readonly resources: readonly string[];
  readonly time: Date;
}

export type EventListener = (event: BusEvent, bus: string) => void;

interface Surroundings {
  readonly account: string;
  readonly region: string;
  readonly queues: Queues;
  readonly ledger: RequestLedger;
  readonly activity: Activity;
}

export class Buses {
  readonly #around: Surroundings;
  readonly #rules = new Map<string, Rule[]>();
  readonly #listeners = new Set<EventListener>();

  constructor(around: Surroundings) {
    this.#around = around;
    this.create('default');
  }

  create(name: string): void {
    if (!this.#rules.has(name)) this.#rules.set(name, []);
  }

  has(name: string): boolean {
    return this.#rules.has(name);
  }

  addRule(bus: string, rule: Rule): void {
    const rules = this.#rules.get(bus);
    if (!rules) throw new Error(`there is no event bus ${bus}`);
    rules.push(rule);
  }

  /** Calls `listener` for every event on any bus; answers the function that stops it. */
  onEvent(listener: EventListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Puts an event on a bus; answers its id. Its way to the targets goes on afterwards. */
  put(bus: string, entry: BusEntry): string {
    const event: BusEvent = {
      version: '0',
      id: randomUUID(),
      'detail-type': entry.detailType,
      source: entry.source,
      account: this.#around.account,
      time: `${entry.time.toISOString().slice(0, 19)}Z`,
      region: this.#around.region,
      resources: entry.resources,
      detail: JSON.parse(entry.detail),
    };
    for (const listener of this.#listeners) hear(listener, event, bus);
    for (const rule of this.#rules.get(bus) ?? []) {
      if (!rule.matches(event)) continue;
      const body = JSON.stringify(event);
      for (const target of rule.targets)
        void this.#deliver(body, rule, target).finally(this.#around.activity.begin());
    }
    return event.id;
  }

  async #deliver(body: string, rule: Rule, target: RuleTarget): Promise<void> {
    try {
      await this.#send(target.arn, body);
    } catch (error) {
      // EventBridge would try for a day; whatever refuses here refuses for good, so the event goes aside at once.
      await this.#setAside(body, rule, target, error);
    }
  }

  async #send(arn: string, body: string, attributes?: Record<string, string>): Promise<void> {
    const queue = this.#around.queues.byArn(arn);
    if (!queue) throw new Error(`there is no queue ${arn}`);
    const entries = Object.entries(attributes ?? {});
    const typed = entries.map(([name, value]) => [name, { DataType: 'String', StringValue: value }] as const);
    const request = { service: 'SQS', operation: 'SendMessage', caller: 'EventBridge', body } as const;
    await this.#around.ledger.run(request, () => queue.send(body, { attributes: Object.fromEntries(typed) }));
  }

  async #setAside(body: string, rule: Rule, target: RuleTarget, error: unknown): Promise<void> {
    if (!target.deadLetterArn) return;
    await this.#send(target.deadLetterArn, body, {
      RULE_ARN: rule.arn,
      TARGET_ARN: target.arn,
      ERROR_CODE: error instanceof Error ? error.name : 'Error',
      ERROR_MESSAGE: error instanceof Error ? error.message : String(error),
    }).catch(() => undefined);
  }
}

/** What a listener throws is its own failure, not that of the sender: it surfaces as an uncaught error. */
function hear(listener: EventListener, event: BusEvent, bus: string): void {
  try {
    listener(event, bus);
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}
