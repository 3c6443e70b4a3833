/** What invokes a function by itself: a queue, or a table's stream. Its role needs what Lambda then does in its name. */
import { Names } from 'aws-cdk-lib';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import type { EventSourceMappingOptions, IFunction } from 'aws-cdk-lib/aws-lambda';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { acknowledge } from './acknowledge.ts';
import { allow, allowSending } from './grants.ts';

/** The part of a mapping that is for the caller to say. */
type Options = Omit<EventSourceMappingOptions, 'eventSourceArn' | 'onFailure'>;

/**
 * Batches of messages; a function reports those that are to come again. There is a limit to how many are handled at once, so that
 * a flood in one queue leaves the account's concurrency to the other functions.
 */
export function invokeFromQueue(
  fn: IFunction,
  queue: IQueue,
  options: Options & { readonly maxConcurrency: number },
): void {
  allow(fn, queue.queueArn, 'sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes');
  // Named as the CDK's own SqsEventSource was: under another name an update would make a second mapping first, which Lambda refuses.
  fn.addEventSourceMapping(`SqsEventSource:${Names.nodeUniqueId(queue.node)}`, {
    eventSourceArn: queue.queueArn,
    reportBatchItemFailures: true,
    ...options,
  });
}

/** Batches of a table's changes, in their order; what is given up is reported to `unhandled`. */
export function invokeFromStream(
  fn: IFunction,
  table: ITable,
  { unhandled, ...options }: Options & { readonly unhandled: IQueue },
): void {
  const streamArn = table.tableStreamArn!;
  allow(fn, streamArn, 'dynamodb:DescribeStream', 'dynamodb:GetRecords', 'dynamodb:GetShardIterator');
  allow(fn, '*', 'dynamodb:ListStreams');
  acknowledge(
    fn.role!,
    'IAM5[Resource::*]',
    'dynamodb:ListStreams, which Lambda wants for a mapping of a stream, is about no single stream.',
  );
  allowSending(fn, unhandled);
  fn.addEventSourceMapping(`DynamoDBEventSource:${Names.nodeUniqueId(table.node)}`, {
    eventSourceArn: streamArn,
    reportBatchItemFailures: true,
    ...options,
    onFailure: { bind: () => ({ destination: unhandled.queueArn }) },
  });
}
