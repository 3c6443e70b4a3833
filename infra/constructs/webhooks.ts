/**
 * Callers' webhooks (docs/decisions/webhooks.md).
 *
 *   bus ─ rule: an outcome with a callback ─► first queue ─► deliver ─► the caller
 *                                                 ▲           └─ failed ─► retries queue (delayed) ─► retries ─► the caller
 *   POST …/redeliver ─► webhooks ─────────────────┘                            ▲                        └─┘
 *
 * The same code twice, each with a limit of its own: receivers that hang hold up retries, never a first attempt.
 */
import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { AttributeType, BillingMode, Table } from 'aws-cdk-lib/aws-dynamodb';
import {
  type EventBus,
  EventField,
  type IEventBus,
  Match,
  Rule,
  RuleTargetInput,
} from 'aws-cdk-lib/aws-events';
import { type ISecret, Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { EVENT_SOURCE, TASK_COMPLETED, TASK_FAILED } from '../../shared/events/names.ts';
import type { Settings } from '../settings.ts';
import { acknowledge } from './acknowledge.ts';
import { invokeFromQueue } from './event-sources.ts';
import { allow, allowReading, allowSending } from './grants.ts';
import { NodeFunction } from './node-function.ts';
import { queueTarget } from './queue-target.ts';
import type { Storage } from './storage.ts';
import { WorkQueue } from './work-queue.ts';

/** Two rounds of attempts that all time out after 10 s (functions/deliver/hosts.ts). */
const DELIVER_TIMEOUT = Duration.seconds(30);
/** At the queues' pauses (shared/runtime/retry-pauses.ts) some seven hours of a table or a queue that fails. */
const MAX_RECEIVES = 50;
/** Attempts are handled all at once; five at a host. */
const BATCH = 10;

export interface WebhooksProps {
  readonly settings: Settings;
  readonly storage: Storage;
  readonly signingKeys: ISecret;
  readonly bus: EventBus;
  /** What shows a task: see `linkEnvironment`. */
  readonly links: Readonly<Record<string, string>>;
}

export class Webhooks extends Construct {
  readonly first: WorkQueue;
  readonly retries: WorkQueue;
  readonly deliveries: Table;
  readonly secret: ISecret;
  /** Answers what callers ask about their webhooks. */
  readonly api: NodeFunction;
  readonly #props: WebhooksProps;

  constructor(scope: Construct, id: string, props: WebhooksProps) {
    super(scope, id);
    this.#props = props;
    this.first = this.#queue('First');
    this.retries = this.#queue('Retries');
    this.deliveries = new Table(this, 'Deliveries', {
      partitionKey: { name: 'task_id', type: AttributeType.STRING },
      sortKey: { name: 'sent', type: AttributeType.STRING },
      timeToLiveAttribute: 'expires_at',
      billingMode: BillingMode.PAY_PER_REQUEST,
      removalPolicy: RemovalPolicy.RETAIN,
    });
    acknowledge(
      this.deliveries,
      'DDB3',
      'It lists attempts for callers to look at; what decides about the next one is in the record of the task.',
    );
    this.secret = new Secret(this, 'Secret', {
      description: "Every key's webhook secret is derived from it. Changing it changes all of them at once.",
      generateSecretString: { passwordLength: 64, excludePunctuation: true },
      removalPolicy: RemovalPolicy.RETAIN,
    }) as ISecret;
    acknowledge(
      this.secret,
      'SMG4',
      'A new value would change the secret of every receiver at once; each is rotated by npm run keys -- rotate-webhook-secret.',
    );
    this.#rule();
    this.#deliver('Deliver', this.first, props.settings.webhookConcurrency, false);
    this.#deliver('Retry', this.retries, props.settings.webhookRetryConcurrency, true);
    this.api = this.#api();
  }

  /**
   * The queue gets the task's id alone: SQS refuses some characters that an event may hold. An event that the queue does
   * not take goes whole to the queue's own dead letters, from where it is put back like any other.
   */
  #rule(): void {
    const rule = new Rule(this, 'Rule', {
      eventBus: this.#props.bus as IEventBus,
      eventPattern: {
        source: [EVENT_SOURCE],
        detailType: [TASK_COMPLETED, TASK_FAILED],
        detail: { task: { callback: { url: Match.exists() } } },
      },
    });
    const task = RuleTargetInput.fromObject({ task: EventField.fromPath('$.detail.task.id') });
    rule.addTarget(queueTarget(rule, this.first, task));
  }

  #deliver(id: string, { queue }: WorkQueue, maxConcurrency: number, forRetries: boolean): void {
    const { storage } = this.#props;
    const fn = this.#function(id, 'deliver', DELIVER_TIMEOUT, {
      OWN_QUEUE: queue.queueUrl,
      WEBHOOK_RETRIES_QUEUE: this.retries.queue.queueUrl,
      FOR_RETRIES: String(forRetries),
    });
    allow(fn, storage.tasks.tableArn, 'dynamodb:GetItem', 'dynamodb:UpdateItem');
    allow(fn, this.deliveries.tableArn, 'dynamodb:PutItem');
    allowSending(fn, this.retries.queue);
    // To hide a message until its next try.
    allow(fn, queue.queueArn, 'sqs:ChangeMessageVisibility');
    invokeFromQueue(fn, queue, { batchSize: BATCH, maxConcurrency });
  }

  #api(): NodeFunction {
    const { storage } = this.#props;
    // A sample event takes 10 s at the most.
    const fn = this.#function('Webhooks', 'webhooks', Duration.seconds(20), {
      WEBHOOKS_QUEUE: this.first.queue.queueUrl,
    });
    allow(fn, storage.tasks.tableArn, 'dynamodb:GetItem', 'dynamodb:UpdateItem');
    allow(fn, this.deliveries.tableArn, 'dynamodb:Query');
    allowSending(fn, this.first.queue);
    return fn;
  }

  #function(id: string, folder: string, timeout: Duration, environment: Record<string, string>) {
    const { settings, storage, signingKeys, links } = this.#props;
    const fn = new NodeFunction(this, id, {
      folder,
      timeout,
      // It waits for others.
      memorySize: 256,
      settings,
      environment: {
        ...links,
        KEYS_TABLE: storage.keys.tableName,
        DELIVERIES_TABLE: this.deliveries.tableName,
        WEBHOOK_SECRET: this.secret.secretArn,
        ...webhookRuleEnvironment(settings),
        ...environment,
      },
    });
    allow(fn, storage.keys.tableArn, 'dynamodb:GetItem');
    allowReading(fn, signingKeys);
    allowReading(fn, this.secret);
    return fn;
  }

  #queue(id: string): WorkQueue {
    return new WorkQueue(this, id, { functionTimeout: DELIVER_TIMEOUT, maxReceiveCount: MAX_RECEIVES });
  }
}

/** Where webhooks may go: for who sends them, and for who accepts a `callback_url`. */
export const webhookRuleEnvironment = (settings: Settings) => ({
  ALLOWED_WEBHOOK_RANGES: settings.allowedWebhookRanges.join(','),
  ALLOW_LOOPBACK_WEBHOOKS: String(settings.allowLoopbackWebhooks),
});
