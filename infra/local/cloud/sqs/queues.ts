// All queues of the cloud, by name, ARN and URL, and the ways between them: dead letters, and back again.

import { randomUUID } from 'node:crypto';
import { AwsError } from '../aws/aws-error.ts';
import type { State } from '../state.ts';
import { MessageStore, type StoredMessage } from './message-store.ts';
import { Queue, type QueueSettings } from './queue.ts';

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

export class Queues {
  readonly #store: MessageStore;
  readonly #byName = new Map<string, Queue>();
  readonly moves: MoveTask[] = [];

  constructor(state: State) {
    this.#store = new MessageStore(state.database);
  }

  create(settings: QueueSettings): Queue {
    const queue = new Queue(settings, this.#store, (message, from) => this.#giveUp(message, from));
    this.#byName.set(settings.name, queue);
    return queue;
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

  /** The queues that give up their messages to the one with this ARN. */
  sourcesOf(deadLetterArn: string): Queue[] {
    return this.all().filter((queue) => queue.settings.redrive?.deadLetterArn === deadLetterArn);
  }

  /**
   * Puts all dead letters of a queue back to where they came from, or to `destinationArn`.
   * As with SQS they count as new messages, with a new id and a receive count of zero.
   * @throws AwsError when the source is nobody's dead-letter queue.
   */
  startMove(sourceArn: string, destinationArn?: string): MoveTask {
    const source = this.byArn(sourceArn);
    if (!source) throw resourceNotFound(sourceArn);
    if (this.sourcesOf(sourceArn).length === 0) {
      throw new AwsError('InvalidParameterValue', 'Source queue must be configured as a Dead Letter Queue.');
    }
    if (destinationArn && !this.byArn(destinationArn)) throw resourceNotFound(destinationArn);
    const task: MoveTask = {
      ...{ handle: Buffer.from(randomUUID()).toString('base64'), sourceArn, destinationArn },
      ...{ startedAt: Date.now(), moved: 0, status: 'RUNNING', failure: undefined },
    };
    this.moves.unshift(task);
    setImmediate(() => this.#move(task, source));
    return task;
  }

  close(): void {
    for (const queue of this.#byName.values()) queue.close();
  }

  #move(task: MoveTask, source: Queue): void {
    for (const message of source.peek().filter((one) => one.visible_at <= Date.now())) {
      const target = this.byArn(task.destinationArn ?? message.dead_letter_source ?? '');
      if (!target) {
        task.status = 'FAILED';
        task.failure = `message ${message.id} has no source queue to return to`;
        return;
      }
      source.take(message.id);
      const now = Date.now();
      target.add({
        ...{
          id: randomUUID(),
          body: message.body,
          body_md5: message.body_md5,
          attributes: message.attributes,
        },
        ...{ sent_at: now, visible_at: now, receive_count: 0, first_received_at: 0, received_at: 0 },
        ...{ receipt: null, dead_letter_source: null },
      });
      task.moved += 1;
    }
    task.status = 'COMPLETED';
  }

  /** Moves a message to the dead letters; it keeps its id and the time it was sent, from which retention counts. */
  #giveUp(message: StoredMessage, from: Queue): void {
    from.take(message.id);
    const target = this.byArn(from.settings.redrive?.deadLetterArn ?? '');
    target?.add({
      ...{ id: message.id, body: message.body, body_md5: message.body_md5, attributes: message.attributes },
      ...{
        sent_at: message.sent_at,
        visible_at: Date.now(),
        receive_count: 0,
        first_received_at: 0,
        received_at: 0,
      },
      ...{ receipt: null, dead_letter_source: from.settings.arn },
    });
  }
}

function resourceNotFound(arn: string): AwsError {
  return new AwsError('ResourceNotFoundException', `The resource ${arn} does not exist.`, { status: 404 });
}
