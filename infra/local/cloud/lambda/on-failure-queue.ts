// Where a stream mapping reports the batches that it gave up: Lambda's own report, sent to a queue.

import { randomUUID } from 'node:crypto';
import type { CloudState } from '../cloud-state.ts';
import type { StreamReader } from '../dynamodb/stream-reader.ts';
import type { LocalFunction } from './local-function.ts';
import type { GivenUp } from './stream-lane.ts';

/**
 * Makes the function that reports a given-up batch to the queue with this ARN; without one, batches vanish as in AWS.
 * @throws Error when the destination is no queue of the stack.
 */
export function onFailureQueue(
  destination: string | undefined,
  target: LocalFunction,
  reader: StreamReader,
  streamArn: string,
  cloud: CloudState,
): (given: GivenUp) => Promise<void> {
  if (destination === undefined) return async () => undefined;
  const queue = cloud.queues.byArn(destination);
  if (!queue) throw new Error(`property DestinationConfig names no queue of this stack: ${destination}`);
  return async (given) => {
    const body = JSON.stringify(report(given, target, reader.shardId, streamArn));
    const request = { service: 'SQS', operation: 'SendMessage', caller: 'EventSourceMapping', body } as const;
    await cloud.ledger
      .run(request, () => queue.send(body))
      .catch((error: unknown) => {
        cloud.log({
          ...{
            time: Date.now(),
            functionName: target.settings.name,
            requestId: undefined,
            source: 'platform',
          },
          text: `a batch was given up and could not be reported: ${error}`,
        });
      });
  };
}

function report(given: GivenUp, target: LocalFunction, shardId: string, streamArn: string) {
  const { records, result } = given;
  const first = records[0]!;
  const last = records.at(-1)!;
  return {
    requestContext: {
      requestId: result?.requestId ?? randomUUID(),
      functionArn: `${target.settings.arn}:$LATEST`,
      condition: given.condition,
      approximateInvokeCount: given.attempts,
    },
    ...(result && {
      responseContext: {
        ...{ statusCode: 200, executedVersion: '$LATEST' },
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
