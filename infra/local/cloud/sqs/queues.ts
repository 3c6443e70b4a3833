/** All queues of the cloud, by name, ARN and URL, and the moves between them: to dead-letter queues, and back again. */

import { randomUUID } from 'node:crypto';
import { AwsError } from '../aws/aws-error.ts';
import type { State } from '../state.ts';
import { Deduplication } from './deduplication.ts';
import { invalid } from './message.ts';
import { MessageStore, type NewMessage, type StoredMessage } from './message-store.ts';
import { Queue, type QueueDependencies } from './queue.ts';
import type { QueueLimits, QueueSettings } from './queue-settings.ts';

/** A finished or running move of dead letters. */
export interface MoveTask {
  readonly handle: string;
  readonly sourceArn: string;
  readonly destinationArn: string | undefined;
  readonly startedAt: number;
  moved: number;
  status: 'RUNNING' | 'COMPLETED' | 'FAILED';
  failure: string | undefined;
}

/** As documented for both types of queue (SQS developer guide, quotas; avoiding large backlogs of one group). */
const LIMITS: QueueLimits = { inFlight: 120_000, scanned: 120_000 };

export class Queues {
  readonly #dependencies: QueueDependencies;
  readonly #byName = new Map<string, Queue>();
  readonly moves: MoveTask[] = [];

  constructor({ database }: Pick<State, 'database'>, limits = LIMITS) {
    this.#dependencies = {
      store: new MessageStore(database),
      deduplication: new Deduplication(database),
      limits,
      moveToDeadLetterQueue: (message, from) => this.#moveToDeadLetterQueue(message, from),
    };
  }

  /** @throws Error when its dead letters would go to a queue of the other type */
  create(settings: QueueSettings): Queue {
    const { redrive, fifo } = settings;
    if (redrive && redrive.deadLetterArn.endsWith('.fifo') !== (fifo !== undefined)) {
      throw new Error('Dead-letter queue must be same type of queue as the source');
    }
    const queue = new Queue(settings, this.#dependencies);
    this.#byName.set(settings.name, queue);
    return queue;
  }

  /** With everything in it. */
  delete(name: string): void {
    const queue = this.named(name);
    queue.purge();
    queue.close();
    this.#byName.delete(name);
  }

  all(): Queue[] {
    return [...this.#byName.values()];
  }

  byArn(arn: string): Queue | undefined {
    return this.all().find((queue) => queue.settings.arn === arn);
  }

  /** The queue with this name. @throws AwsError QueueDoesNotExist */
  named(name: string): Queue {
    const queue = this.#byName.get(name);
    if (queue) return queue;
    throw new AwsError('QueueDoesNotExist', 'The specified queue does not exist.', {
      queryCode: 'AWS.SimpleQueueService.NonExistentQueue',
    });
  }

  /** The queue of a URL; only its last part counts, since the port differs from run to run. */
  byUrl(url: string): Queue {
    return this.named(url.slice(url.lastIndexOf('/') + 1));
  }

  /** The queues whose dead-letter queue has this ARN. */
  sourcesOf(deadLetterArn: string): Queue[] {
    return this.all().filter((queue) => queue.settings.redrive?.deadLetterArn === deadLetterArn);
  }

  /**
   * Moves all dead letters of a queue back to where they came from, or to `destinationArn`.
   * As with SQS they count as new messages, with a new id and a receive count of zero.
   * @throws AwsError when the source is nobody's dead-letter queue, the destination is of the other type, or another move
   *   from the source is not finished.
   */
  startMove(sourceArn: string, destinationArn?: string): MoveTask {
    const source = this.byArn(sourceArn);
    if (!source) throw resourceNotFound(sourceArn);
    if (this.sourcesOf(sourceArn).length === 0) {
      throw invalid('Source queue must be configured as a Dead Letter Queue.');
    }
    const destination = destinationArn === undefined ? undefined : this.byArn(destinationArn);
    if (destinationArn !== undefined && !destination) throw resourceNotFound(destinationArn);
    if (destination && !destination.settings.fifo !== !source.settings.fifo) {
      throw invalid('The destination queue must be of the same type as the source queue.');
    }
    if (this.moves.some((task) => task.sourceArn === sourceArn && task.status === 'RUNNING')) {
      throw invalid(
        'There is already a task running. Only one active task is allowed for a source queue arn at a given time.',
      );
    }
    const task: MoveTask = {
      handle: Buffer.from(randomUUID()).toString('base64'),
      sourceArn,
      destinationArn,
      startedAt: Date.now(),
      moved: 0,
      status: 'RUNNING',
      failure: undefined,
    };
    this.moves.unshift(task);
    setImmediate(() => this.#move(task, source));
    return task;
  }

  close(): void {
    for (const queue of this.#byName.values()) queue.close();
  }

  #move(task: MoveTask, source: Queue): void {
    for (const message of source.movable()) {
      const target = this.byArn(task.destinationArn ?? message.dead_letter_source ?? '');
      if (!target) {
        task.status = 'FAILED';
        task.failure = `message ${message.id} has no source queue to return to`;
        return;
      }
      this.#dependencies.store.transaction(() => {
        source.take(message.id);
        target.add({ ...moved(message, Date.now()), id: randomUUID(), dead_letter_source: null });
      });
      task.moved += 1;
    }
    task.status = 'COMPLETED';
  }

  /**
   * Moves a message to its dead-letter queue, where it keeps its id. A standard queue keeps the time at which it was sent,
   * from which retention counts; in a FIFO queue both that and the deduplication id are new (SQS developer guide,
   * setting up dead-letter queue retention; configuring a dead-letter queue redrive).
   */
  #moveToDeadLetterQueue(message: StoredMessage, from: QueueSettings): void {
    const { fifo, redrive, arn } = from;
    this.#dependencies.store.delete(message.id);
    const now = Date.now();
    this.byArn(redrive?.deadLetterArn ?? '')?.add({
      ...moved(message, now),
      sent_at: fifo ? now : message.sent_at,
      deduplication_id: fifo ? message.id : null,
      dead_letter_source: arn,
    });
  }
}

/** A message on its way to another queue, visible there at once. */
function moved(message: StoredMessage, now: number): NewMessage {
  const { id, body, body_md5, attributes, message_group, deduplication_id, dead_letter_source } = message;
  return {
    id,
    body,
    body_md5,
    attributes,
    message_group,
    deduplication_id,
    sent_at: now,
    visible_at: now,
    dead_letter_source,
  };
}

function resourceNotFound(arn: string): AwsError {
  return new AwsError('ResourceNotFoundException', `The resource ${arn} does not exist.`, { status: 404 });
}
