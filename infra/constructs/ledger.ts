/**
 * What owners use: a second reader of the tasks' stream adds it up, a route answers with it (docs/decisions/ledger.md).
 *
 *   tasks table ─stream─► ledger ─┬─► usage table ◄─ usage ◄─ GET /v1/usage
 *                                 └─► bus: a budget's threshold is reached
 */
import { Duration } from 'aws-cdk-lib';
import type { EventBus } from 'aws-cdk-lib/aws-events';
import { FilterCriteria, FilterRule, StartingPosition } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import type { Settings } from '../settings.ts';
import { acknowledge } from './acknowledge.ts';
import { invokeFromStream } from './event-sources.ts';
import { allow } from './grants.ts';
import { NodeFunction } from './node-function.ts';
import type { Storage } from './storage.ts';
import { DeadLetters } from './work-queue.ts';

export interface LedgerProps {
  readonly settings: Settings;
  readonly storage: Storage;
  readonly bus: EventBus;
}

export class Ledger extends Construct {
  readonly ledger: NodeFunction;
  /** Answers `GET /v1/usage`. */
  readonly usage: NodeFunction;
  /** Lambda's reports of batches that were given up, and so are not in the ledger. */
  readonly uncounted: DeadLetters;
  readonly #props: LedgerProps;

  constructor(scope: Construct, id: string, props: LedgerProps) {
    super(scope, id);
    this.#props = props;
    this.uncounted = new DeadLetters(this, 'Uncounted');
    acknowledge(
      this.uncounted,
      'SQS3',
      'It is where a stream’s mapping reports what it gives up, which cdk-nag cannot see.',
    );
    this.ledger = this.#ledger();
    this.usage = this.#usage();
  }

  #ledger(): NodeFunction {
    const { settings, storage, bus } = this.#props;
    const fn = this.#function('Ledger', Duration.seconds(60), { BUS_NAME: bus.eventBusName });
    allow(fn, storage.usage.tableArn, 'dynamodb:GetItem', 'dynamodb:UpdateItem');
    allow(fn, bus.eventBusArn, 'events:PutEvents');
    invokeFromStream(fn, storage.tasks, {
      startingPosition: StartingPosition.TRIM_HORIZON,
      batchSize: 1000,
      maxBatchingWindow: Duration.seconds(settings.ledgerSeconds),
      // Only with one does Lambda tell the shard, whose checkpoint keeps a change from being counted twice.
      tumblingWindow: Duration.minutes(15),
      bisectBatchOnError: true,
      // Nobody waits for it, and every change counts: tried for as long as the stream remembers, which is 24 hours.
      maxRecordAge: Duration.hours(23),
      unhandled: this.uncounted.queue,
      filters: [newTask, outcome, refusal, reopening],
    });
    return fn;
  }

  #usage(): NodeFunction {
    const { storage } = this.#props;
    const fn = this.#function('Usage', Duration.seconds(10), { KEYS_TABLE: storage.keys.tableName });
    allow(fn, storage.keys.tableArn, 'dynamodb:GetItem');
    allow(fn, storage.usage.tableArn, 'dynamodb:Query');
    return fn;
  }

  #function(id: string, timeout: Duration, environment: Record<string, string>): NodeFunction {
    const { settings, storage } = this.#props;
    return new NodeFunction(this, id, {
      folder: id.toLowerCase(),
      timeout,
      memorySize: 512,
      settings,
      environment: {
        USAGE_TABLE: storage.usage.tableName,
        USAGE_METADATA: settings.usageMetadata.join(','),
        ...environment,
      },
    });
  }
}

const newTask = FilterCriteria.filter({ eventName: FilterRule.isEqual('INSERT') });

/** What changes a contribution beside the creation (shared/usage/contribution.ts). A deletion changes none: it is a retention's end. */
const changed = (attribute: string, before: readonly string[], after: readonly string[]) =>
  FilterCriteria.filter({
    eventName: FilterRule.isEqual('MODIFY'),
    dynamodb: {
      OldImage: { [attribute]: { S: FilterRule.or(...before) } },
      NewImage: { [attribute]: { S: FilterRule.or(...after) } },
    },
  });

const outcome = changed('status', ['pending', 'processing'], ['completed', 'failed']);
const refusal = changed('submission', ['unconfirmed', 'accepted'], ['refused']);
const reopening = changed('submission', ['refused'], ['unconfirmed', 'accepted']);
