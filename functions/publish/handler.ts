/** Stream in, events and timers out. */
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import middy from '@middy/core';
import type { DynamoDBBatchResponse, DynamoDBStreamEvent } from 'aws-lambda';
import { currentLinks, currentSigner } from '../../shared/runtime/dependencies.ts';
import { number, variable } from '../../shared/runtime/environment.ts';
import { pause } from '../../shared/runtime/pause.ts';
import { telemetry as telemetryOf } from '../../shared/runtime/telemetry.ts';
import { publish, type Unpublished } from './publish.ts';
import { timerStarter } from './start-timers.ts';

const telemetry = telemetryOf('publish');
const sqs = new SQSClient();
const unpublishedQueue = variable('UNPUBLISHED_QUEUE');
const queues = {
  overdue: { url: variable('OVERDUE_QUEUE'), delaySeconds: number('OVERDUE_SECONDS') },
  status: { url: variable('STATUS_QUEUE'), delaySeconds: number('FIRST_READ_SECONDS') },
};
const links = currentLinks(currentSigner());
const dependencies = {
  client: new EventBridgeClient(),
  busName: variable('BUS_NAME'),
  telemetry,
  now: Date.now,
  pause,
  startTimers: timerStarter(sqs, queues, telemetry),
  setAside: async (unpublished: Unpublished) => {
    await sqs.send(
      new SendMessageCommand({ QueueUrl: unpublishedQueue, MessageBody: JSON.stringify(unpublished) }),
    );
  },
};

export const handler = middy<DynamoDBStreamEvent, DynamoDBBatchResponse>().handler(async ({ Records }) => {
  const failed = await publish(dependencies, Records, await links());
  if (failed.length > 0) {
    telemetry.warn('records have to come again', { records: Records.length, failed: failed.length });
  }
  return { batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })) };
});
