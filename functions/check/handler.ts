/** From the overdue and the status queue: a batch of timers, of which each next one goes back into its queue. */
import { SQSClient } from '@aws-sdk/client-sqs';
import middy from '@middy/core';
import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { ulid } from 'ulid';
import {
  callbacksQueue,
  currentSigner,
  dynamoDbClient,
  providers,
  tasksTable,
} from '../../shared/runtime/dependencies.ts';
import { number, variable } from '../../shared/runtime/environment.ts';
import { pause } from '../../shared/runtime/pause.ts';
import { telemetry as telemetryOf } from '../../shared/runtime/telemetry.ts';
import { sendTimers } from '../../shared/task/timers.ts';
import { checkTimers } from './check-timers.ts';
import { readTasks } from './read-tasks.ts';

const telemetry = telemetryOf('check');
const sqs = new SQSClient();
const queues = [variable('OVERDUE_QUEUE'), variable('STATUS_QUEUE')];
const table = variable('TASKS_TABLE');

const dependencies = {
  store: tasksTable({ settles: true }),
  readTasks: (ids: readonly string[]) => readTasks(dynamoDbClient(), table, ids, pause),
  provider: providers(),
  enqueue: callbacksQueue(sqs, currentSigner()),
  telemetry,
  now: Date.now,
  freshUlid: (time: number) => ulid(time),
  overdueSeconds: number('OVERDUE_SECONDS'),
};

export const handler = middy<SQSEvent, SQSBatchResponse>().handler(async ({ Records }) => {
  const queue = queueOf(Records[0]!);
  const messages = Records.map(({ messageId, body, attributes }) => ({
    messageId,
    body,
    receives: Number(attributes.ApproximateReceiveCount),
  }));
  const failed = await checkTimers(
    { ...dependencies, send: (timers) => sendTimers(sqs, queue, timers) },
    messages,
  );
  return { batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })) };
});

/** A message names its queue by ARN, but one is sent by URL; both end with the queue's name. */
function queueOf({ eventSourceARN }: SQSRecord): string {
  const name = eventSourceARN.split(':').at(-1);
  const queue = queues.find((url) => url.endsWith(`/${name}`));
  if (!queue) throw new Error(`The message comes from ${name}, which is none of our queues`);
  return queue;
}
