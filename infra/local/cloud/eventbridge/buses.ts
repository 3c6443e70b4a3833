/** Event buses: takes events, matches them against the rules, and sends them on to the rules' queues. */

import { randomUUID } from 'node:crypto';
import type { Activity } from '../activity.ts';
import { AwsError } from '../aws/aws-error.ts';
import type { RequestLedger } from '../aws/request-ledger.ts';
import type { AccessControl } from '../iam/access-control.ts';
import { AccessDenied } from '../iam/access-denied.ts';
import type { LogListener } from '../lambda/logs.ts';
import type { SendOptions } from '../sqs/queue.ts';
import type { Queues } from '../sqs/queues.ts';
import type { Pattern } from './pattern.ts';
import type { TargetInput } from './target-input.ts';

/** An event as it travels: EventBridge's envelope around the sender's `detail`. */
export interface BusEvent {
  readonly version: '0';
  readonly id: string;
  readonly 'detail-type': string;
  readonly source: string;
  readonly account: string;
  /** ISO 8601, to the second. */
  readonly time: string;
  readonly region: string;
  readonly resources: readonly string[];
  readonly detail: unknown;
}

export interface RuleTarget {
  readonly id: string;
  readonly arn: string;
  readonly input: TargetInput;
  /** Of a FIFO queue. */
  readonly messageGroupId: string | undefined;
  readonly deadLetterArn: string | undefined;
}

export interface Rule {
  readonly name: string;
  readonly arn: string;
  /** As it was given. */
  readonly pattern: object;
  readonly matches: Pattern;
  readonly isEnabled: boolean;
  readonly targets: readonly RuleTarget[];
}

export interface BusEntry {
  readonly source: string;
  readonly detailType: string;
  /** The detail as JSON. */
  readonly detail: string;
  readonly resources: readonly string[];
  readonly time: Date;
}

export type EventListener = (event: BusEvent, bus: string) => void;

interface BusDependencies {
  readonly account: string;
  readonly region: string;
  readonly queues: Queues;
  readonly ledger: RequestLedger;
  readonly access: AccessControl;
  readonly activity: Activity;
  /** Gets a line for each event that is lost. */
  readonly log: LogListener;
}

const CALLER = 'EventBridge';

export class Buses {
  readonly #dependencies: BusDependencies;
  /** By bus, then by name. */
  readonly #rules = new Map<string, Map<string, Rule>>();
  readonly #listeners = new Set<EventListener>();

  constructor(dependencies: BusDependencies) {
    this.#dependencies = dependencies;
    this.create('default');
  }

  create(name: string): void {
    if (!this.#rules.has(name)) this.#rules.set(name, new Map());
  }

  has(name: string): boolean {
    return this.#rules.has(name);
  }

  /** Adds a rule to a bus, or replaces the one of its name. @throws AwsError when there is no such bus */
  putRule(bus: string, rule: Rule): void {
    this.#rulesOf(bus).set(rule.name, rule);
  }

  /** @throws AwsError when there is no such bus */
  rules(bus: string): Rule[] {
    return [...this.#rulesOf(bus).values()];
  }

  /** @throws AwsError when there is no such bus */
  deleteRule(bus: string, name: string): void {
    this.#rulesOf(bus).delete(name);
  }

  #rulesOf(bus: string): Map<string, Rule> {
    const rules = this.#rules.get(bus);
    if (rules) return rules;
    throw new AwsError('ResourceNotFoundException', `Event bus ${bus} does not exist.`);
  }

  /** Calls `listener` for every event on any bus; answers the function that stops it. */
  onEvent(listener: EventListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Puts an event on a bus; answers its id. It is delivered to the targets afterwards. */
  put(bus: string, entry: BusEntry): string {
    const event: BusEvent = {
      version: '0',
      id: randomUUID(),
      'detail-type': entry.detailType,
      source: entry.source,
      account: this.#dependencies.account,
      time: `${entry.time.toISOString().slice(0, 19)}Z`,
      region: this.#dependencies.region,
      resources: entry.resources,
      detail: JSON.parse(entry.detail),
    };
    for (const listener of this.#listeners) notify(listener, event, bus);
    for (const rule of this.#rules.get(bus)?.values() ?? []) {
      if (!rule.isEnabled || !rule.matches(event)) continue;
      for (const target of rule.targets) {
        void this.#deliver(event, rule, target).finally(this.#dependencies.activity.begin());
      }
    }
    return event.id;
  }

  async #deliver(event: BusEvent, rule: Rule, target: RuleTarget): Promise<void> {
    try {
      await this.#send(rule, target.arn, target.input(event), { messageGroupId: target.messageGroupId });
    } catch (error) {
      // EventBridge would try for a day; here a refusal is final, so the event becomes a dead letter at once.
      await this.#toDeadLetterQueue(event, rule, target, error);
    }
  }

  /** Sends for a rule, which the queue's policy has to allow. */
  async #send(rule: Rule, arn: string, body: string, options: SendOptions): Promise<void> {
    const queue = this.#dependencies.queues.byArn(arn);
    if (!queue) throw new Error(`there is no queue ${arn}`);
    const request = { service: 'SQS', operation: 'SendMessage', caller: CALLER, body } as const;
    await this.#dependencies.ledger.run(request, () => {
      this.#dependencies.access.authorize(
        {
          kind: 'service',
          name: 'events.amazonaws.com',
          sourceArn: rule.arn,
          account: this.#dependencies.account,
        },
        [{ action: 'sqs:SendMessage', resource: arn }],
      );
      return queue.send(body, options);
    });
  }

  /** Sends the whole event to the target's dead-letter queue; one that this refuses too is lost, as in AWS. */
  async #toDeadLetterQueue(event: BusEvent, rule: Rule, target: RuleTarget, error: unknown): Promise<void> {
    const why = deadLetterAttributes(rule, target, error);
    if (!target.deadLetterArn) {
      this.#lost(event, `rule ${rule.name} could not deliver it to ${target.arn}: ${why.ERROR_MESSAGE}`);
      return;
    }
    const attributes = Object.entries(why).map(
      ([name, StringValue]) => [name, { DataType: 'String', StringValue }] as const,
    );
    try {
      await this.#send(rule, target.deadLetterArn, JSON.stringify(event), {
        attributes: Object.fromEntries(attributes),
      });
    } catch (refusal) {
      this.#lost(event, `the dead-letter queue ${target.deadLetterArn} refused it: ${messageOf(refusal)}`);
    }
  }

  #lost(event: BusEvent, why: string): void {
    const text = `the event ${event.id} (${event['detail-type']}) is lost: ${why}`;
    this.#dependencies.log({
      time: Date.now(),
      functionName: CALLER,
      requestId: undefined,
      source: 'platform',
      text,
    });
  }
}

/** The attributes that EventBridge gives a dead letter (EventBridge user guide, dead-letter queues). */
function deadLetterAttributes(rule: Rule, target: RuleTarget, error: unknown) {
  return {
    RULE_ARN: rule.arn,
    TARGET_ARN: target.arn,
    ERROR_CODE: errorCodeOf(error),
    ERROR_MESSAGE: messageOf(error),
  };
}

function errorCodeOf(error: unknown): string {
  if (error instanceof AccessDenied) return 'NO_PERMISSIONS';
  if (error instanceof AwsError) return error.code;
  return error instanceof Error ? error.name : 'Error';
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** An error of a listener is not the sender's: it surfaces as an uncaught one. */
function notify(listener: EventListener, event: BusEvent, bus: string): void {
  try {
    listener(event, bus);
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}
