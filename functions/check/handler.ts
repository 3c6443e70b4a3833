/** From the overdue and the status queue: "not yet" stays in its queue, hidden for longer and longer. */
import { SQSClient } from '@aws-sdk/client-sqs';
import middy from '@middy/core';
import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { currentSigner, providers, tasksTable } from '../../shared/runtime/dependencies.ts';
import { number, variable } from '../../shared/runtime/environment.ts';
import { hideFor, triesOf } from '../../shared/runtime/retry-pauses.ts';
import { telemetry as telemetryOf } from '../../shared/runtime/telemetry.ts';
import { enqueuer } from '../../shared/task/callback-queue.ts';
import { check } from './check.ts';

const telemetry = telemetryOf('check');
const sqs = new SQSClient();
const queues = [variable('OVERDUE_QUEUE'), variable('STATUS_QUEUE')];

const dependencies = {
  store: tasksTable(),
  provider: providers(),
  enqueue: enqueuer(sqs, variable('CALLBACKS_QUEUE'), currentSigner()),
  telemetry,
  now: Date.now,
  overdueSeconds: number('OVERDUE_SECONDS'),
};

export const handler = middy<SQSEvent, SQSBatchResponse>().handler(async ({ Records }) => {
  const failed = await Promise.all(Records.map(checkMessage));
  return { batchItemFailures: failed.flatMap((id) => (id ? [{ itemIdentifier: id }] : [])) };
});

/** @returns the message's id when the task has to be checked again */
async function checkMessage(message: SQSRecord): Promise<string | undefined> {
  try {
    const taskId: string = JSON.parse(message.body).detail.task.id;
    const checked = await check(dependencies, taskId, triesOf(message));
    telemetry.info('checked', { task: taskId, attempt: triesOf(message), ...checked });
    if (checked.kind === 'done') return undefined;
    await hideFor(sqs, queueOf(message), message, checked.seconds);
  } catch (error) {
    telemetry.error('check failed, the queue tries again', { error });
  }
  return message.messageId;
}

/** A message names its queue by ARN, but is hidden by URL; both end with the queue's name. */
function queueOf({ eventSourceARN }: SQSRecord): string {
  const name = eventSourceARN.split(':').at(-1);
  const queue = queues.find((url) => url.endsWith(`/${name}`));
  if (!queue) throw new Error(`The message comes from ${name}, which is none of our queues`);
  return queue;
}
