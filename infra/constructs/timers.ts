/**
 * The two queues of timers: messages that remind `check` of open tasks (docs/decisions/waiting-at-scale.md).
 *
 *   stream ─► publish ─┬─ provider calls back  ─► overdue queue (first: a callback's patience) ─┐
 *                      └─ provider never does  ─► status queue  (first: the first read)       ──┴─► check ─► the same queue
 */
import { Duration } from 'aws-cdk-lib';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import type { Settings } from '../settings.ts';
import { invokeFromQueue } from './event-sources.ts';
import { allowSending } from './grants.ts';
import type { NodeFunction } from './node-function.ts';
import { WorkQueue } from './work-queue.ts';

/** How long `check` may work on a batch. */
export const CHECK_TIMEOUT = Duration.seconds(60);

/** The longest that overdue timers are collected, so that a batch of tasks that have long ended is a large one. */
const LONGEST_WINDOW_SECONDS = 20;

export class Timers extends Construct {
  readonly overdue: WorkQueue;
  readonly status: WorkQueue;
  readonly #settings: Settings;

  constructor(scope: Construct, id: string, settings: Settings) {
    super(scope, id);
    this.#settings = settings;
    this.overdue = this.#queue('Overdue');
    this.status = this.#queue('Status');
  }

  /** What those who send timers have to know. */
  environment() {
    return {
      OVERDUE_QUEUE: this.overdue.queue.queueUrl,
      STATUS_QUEUE: this.status.queue.queueUrl,
      OVERDUE_SECONDS: String(this.#settings.overdueSeconds),
    };
  }

  allowSending(fn: IFunction): void {
    for (const { queue } of [this.overdue, this.status]) allowSending(fn, queue);
  }

  /** Nobody waits for an overdue callback to the second; a provider that never calls back is read as soon as possible. */
  feed(check: NodeFunction): void {
    const { overdueSeconds, checkConcurrency: maxConcurrency } = this.#settings;
    const window = Math.ceil(overdueSeconds / 15);
    invokeFromQueue(check, this.overdue.queue, {
      batchSize: 100,
      maxConcurrency,
      maxBatchingWindow: Duration.seconds(Math.min(Math.max(window, 1), LONGEST_WINDOW_SECONDS)),
    });
    invokeFromQueue(check, this.status.queue, { batchSize: 10, maxConcurrency });
  }

  /** A timer is received once, unless `check` fails: after five hours of that it becomes a dead letter. */
  #queue(id: string): WorkQueue {
    return new WorkQueue(this, id, {
      functionTimeout: CHECK_TIMEOUT,
      maxReceiveCount: 50,
    });
  }
}
