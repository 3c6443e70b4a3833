/** What GetQueueAttributes answers. */
import { AwsError } from '../aws/aws-error.ts';
import type { Queue } from './queue.ts';

/** All of them. */
export function attributesOf(queue: Queue): Record<string, string> {
  const { settings } = queue;
  const depth = queue.depth();
  const redrive = settings.redrive && {
    RedrivePolicy: JSON.stringify({
      deadLetterTargetArn: settings.redrive.deadLetterArn,
      maxReceiveCount: settings.redrive.maxReceiveCount,
    }),
  };
  return {
    QueueArn: settings.arn,
    ApproximateNumberOfMessages: String(depth.visible),
    ApproximateNumberOfMessagesNotVisible: String(depth.inFlight),
    ApproximateNumberOfMessagesDelayed: String(depth.delayed),
    VisibilityTimeout: String(settings.visibilityTimeout),
    DelaySeconds: String(settings.delaySeconds),
    MessageRetentionPeriod: String(settings.retentionSeconds),
    MaximumMessageSize: String(settings.maximumMessageSize),
    ReceiveMessageWaitTimeSeconds: String(settings.receiveWaitSeconds),
    ...redrive,
    ...(settings.fifo && {
      FifoQueue: 'true',
      ContentBasedDeduplication: String(settings.fifo.contentBasedDeduplication),
      DeduplicationScope: settings.fifo.deduplicationScope,
      FifoThroughputLimit: settings.fifo.throughputLimit,
    }),
  };
}

/** Those that were asked for. @throws AwsError for one that there is not */
export function named(attributes: Record<string, string>, names: readonly string[]): Record<string, string> {
  if (names.includes('All')) return attributes;
  const unknown = names.find((name) => !(name in attributes) && name !== 'RedrivePolicy');
  if (unknown) throw new AwsError('InvalidAttributeName', `Unknown Attribute ${unknown}.`);
  return Object.fromEntries(Object.entries(attributes).filter(([name]) => names.includes(name)));
}
