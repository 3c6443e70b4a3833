/** Where a stream mapping sends its invocation records of the batches that it discards: an SQS queue. */

import { randomUUID } from 'node:crypto';
import type { CloudState } from '../cloud-state.ts';
import type { StreamReader } from '../dynamodb/stream-reader.ts';
import type { LocalFunction } from './local-function.ts';
import type { DiscardedBatch } from './stream-lane.ts';

/**
 * Makes the function that sends the invocation record of a discarded batch to the queue with this ARN; without one,
 * batches vanish as in AWS.
 * @throws Error when the destination is no queue of the stack, or a FIFO queue, which Lambda does not take
 */
export function onFailureQueue(
  destination: string | undefined,
  target: LocalFunction,
  reader: StreamReader,
  streamArn: string,
  cloud: CloudState,
): (batch: DiscardedBatch) => Promise<void> {
  if (destination === undefined) return async () => undefined;
  const queue = cloud.queues.byArn(destination);
  if (!queue) throw new Error(`property DestinationConfig names no queue of this stack: ${destination}`);
  if (queue.settings.fifo) throw new Error(`property DestinationConfig names a FIFO queue: ${destination}`);
  return async (batch) => {
    const body = JSON.stringify(invocationRecord(batch, target, reader.shardId, streamArn));
    const request = { service: 'SQS', operation: 'SendMessage', caller: 'EventSourceMapping', body } as const;
    await cloud.ledger
      .run(request, () => {
        cloud.access.authorize(target.settings.principal, [
          { action: 'sqs:SendMessage', resource: destination },
        ]);
        return queue.send(body);
      })
      .catch((error: unknown) => {
        cloud.log({
          time: Date.now(),
          functionName: target.settings.name,
          requestId: undefined,
          source: 'platform',
          text: `a batch was discarded, and its invocation record could not be sent: ${error}`,
        });
      });
  };
}

function invocationRecord(batch: DiscardedBatch, target: LocalFunction, shardId: string, streamArn: string) {
  const { records, result } = batch;
  const first = records[0]!;
  const last = records.at(-1)!;
  return {
    requestContext: {
      requestId: result?.requestId ?? randomUUID(),
      functionArn: `${target.settings.arn}:$LATEST`,
      condition: batch.condition,
      approximateInvokeCount: batch.attempts,
    },
    ...(result && {
      responseContext: {
        statusCode: 200,
        executedVersion: '$LATEST',
        functionError: 'error' in result ? 'Unhandled' : null,
      },
    }),
    version: '1.0',
    timestamp: new Date().toISOString(),
    DDBStreamBatchInfo: {
      shardId,
      startSequenceNumber: first.dynamodb.SequenceNumber,
      endSequenceNumber: last.dynamodb.SequenceNumber,
      approximateArrivalOfFirstRecord: isoTime(first.dynamodb.ApproximateCreationDateTime),
      approximateArrivalOfLastRecord: isoTime(last.dynamodb.ApproximateCreationDateTime),
      batchSize: records.length,
      streamArn,
    },
  };
}

function isoTime(seconds: number): string {
  return new Date(seconds * 1000).toISOString();
}
