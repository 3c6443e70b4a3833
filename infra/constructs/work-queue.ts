/** A queue with everything that keeps a message from being lost. */
import { Duration } from 'aws-cdk-lib';
import { DeduplicationScope, FifoThroughputLimit, Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';

/**
 * Messages of one group are received in their order, one after another; groups do not wait for each other, and the
 * throughput is limited per group (SQS developer guide, "High throughput for FIFO queues").
 */
const inOrder = {
  fifo: true,
  deduplicationScope: DeduplicationScope.MESSAGE_GROUP,
  fifoThroughputLimit: FifoThroughputLimit.PER_MESSAGE_GROUP_ID,
};

/** Where messages end that nobody could handle: kept 14 days, the longest there is. Each has an alarm (alarms.ts). */
export class DeadLetters extends Construct {
  readonly queue: Queue;

  /** @param fifo as the queue is whose messages end here: SQS demands the same of both */
  constructor(scope: Construct, id: string, { fifo = false }: { readonly fifo?: boolean } = {}) {
    super(scope, id);
    this.queue = new Queue(this, 'Queue', {
      ...(fifo && inOrder),
      retentionPeriod: Duration.days(14),
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
    });
  }
}

export interface WorkQueueProps {
  /** Keeps the messages of one group in their order. */
  readonly fifo?: boolean;
  /** Of the function that works on the queue. */
  readonly functionTimeout: Duration;
  /** In bytes, attributes included; SQS's own limit of 1 MiB when it is not given. */
  readonly maxMessageBytes?: number;
  /** How often a message is tried before it becomes a dead letter. */
  readonly maxReceiveCount: number;
}

/** A queue and its dead letters. */
export class WorkQueue extends Construct {
  readonly queue: Queue;
  readonly deadLetters: DeadLetters;

  constructor(scope: Construct, id: string, props: WorkQueueProps) {
    super(scope, id);
    this.deadLetters = new DeadLetters(this, 'DeadLetters', { fifo: props.fifo ?? false });
    this.queue = new Queue(this, 'Queue', {
      ...(props.fifo && inOrder),
      // Lambda may try for that long to get a message to a throttled function (Lambda developer guide, "SQS").
      visibilityTimeout: Duration.seconds(6 * props.functionTimeout.toSeconds()),
      ...(props.maxMessageBytes !== undefined && { maxMessageSizeBytes: props.maxMessageBytes }),
      retentionPeriod: Duration.days(4),
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      deadLetterQueue: { queue: this.deadLetters.queue, maxReceiveCount: props.maxReceiveCount },
    });
  }
}
