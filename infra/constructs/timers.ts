/**
 * The two queues that remember to look at a task later. They are fed by the event that every new task yields:
 *
 *   Image Task Created ─┬─ provider calls back  ─► overdue queue (delay: a callback's patience) ─► check
 *                       └─ provider never does  ─► status queue  (delay: the first read)        ─► check
 */
import { Duration } from 'aws-cdk-lib';
import { type EventBus, Rule } from 'aws-cdk-lib/aws-events';
import { SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import { Construct } from 'constructs';
import { TASK_CREATED } from '../../shared/events/names.ts';
import { modelsThat } from '../../shared/providers/definitions.ts';
import type { Settings } from '../settings.ts';
import { DeadLetters, WorkQueue } from './work-queue.ts';

export interface TimersProps {
  readonly bus: EventBus;
  readonly settings: Settings;
}

export class Timers extends Construct {
  readonly overdue: WorkQueue;
  readonly status: WorkQueue;
  /** Events that EventBridge could not put into the timer's queue. */
  readonly overdueUndelivered: DeadLetters;
  readonly statusUndelivered: DeadLetters;

  constructor(scope: Construct, id: string, { bus, settings }: TimersProps) {
    super(scope, id);
    this.overdue = this.#timer('Overdue', Duration.seconds(settings.overdueSeconds));
    this.status = this.#timer('Status', Duration.seconds(settings.firstReadSeconds));
    this.overdueUndelivered = this.#feed(bus, this.overdue, modelsThat(true));
    this.statusUndelivered = this.#feed(bus, this.status, modelsThat(false));
  }

  /** `check` decides itself when to look again; 1000 is the most that SQS allows, more than 24 hours of looks. */
  #timer(id: string, delay: Duration): WorkQueue {
    return new WorkQueue(this, id, { delay, visibility: Duration.seconds(120), maxReceiveCount: 1000 });
  }

  #feed(bus: EventBus, timer: WorkQueue, models: readonly string[]): DeadLetters {
    const name = timer.node.id;
    const undelivered = new DeadLetters(this, `${name}Undelivered`);
    new Rule(this, `${name}Rule`, {
      eventBus: bus,
      eventPattern: {
        source: ['wanhook'],
        detailType: [TASK_CREATED],
        detail: { task: { model: [...models] } },
      },
      targets: [new SqsQueue(timer.queue, { deadLetterQueue: undelivered.queue })],
    });
    return undelivered;
  }
}
