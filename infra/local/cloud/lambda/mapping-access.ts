/** What the role of a function has to allow for an event source mapping, which Lambda asks when the mapping is created. */
import type { AccessControl } from '../iam/access-control.ts';
import type { LocalFunction } from './local-function.ts';

/** Lambda developer guide, "Using Lambda with Amazon SQS". */
const OF_QUEUES = ['ReceiveMessage', 'DeleteMessage', 'GetQueueAttributes'];
/** Lambda developer guide, "Using AWS Lambda with Amazon DynamoDB". */
const OF_STREAMS = ['GetRecords', 'GetShardIterator', 'DescribeStream', 'ListStreams'];

/** @throws Error as Lambda does */
export function expectQueueAccess(
  { settings }: LocalFunction,
  queueArn: string,
  access: AccessControl,
): void {
  for (const name of OF_QUEUES) {
    try {
      access.authorize(settings.principal, [{ action: `sqs:${name}`, resource: queueArn }]);
    } catch (cause) {
      throw new Error(`The function execution role does not have permissions to call ${name} on SQS`, {
        cause,
      });
    }
  }
}

/** Makes the function that asks whether the role of a function may perform an operation on a stream. */
export function streamAccess(
  { settings }: LocalFunction,
  streamArn: string,
  access: AccessControl,
): (operation: string) => void {
  const streamsOfTable = streamArn.replace(/\/stream\/.*$/, '/stream/*');
  return (operation) =>
    access.authorize(settings.principal, [
      {
        action: `dynamodb:${operation}`,
        resource: operation === 'ListStreams' ? streamsOfTable : streamArn,
      },
    ]);
}

/** @throws Error as Lambda does */
export function expectStreamAccess(authorize: (operation: string) => void, streamArn: string): void {
  try {
    for (const operation of OF_STREAMS) authorize(operation);
  } catch (cause) {
    const actions = `${OF_STREAMS.slice(0, -1).join(', ')}, and ${OF_STREAMS.at(-1)}`;
    throw new Error(
      `Cannot access stream ${streamArn}. Please ensure the role can perform the ${actions} Actions on your stream in IAM.`,
      { cause },
    );
  }
}
