/** From the callbacks queue: the messages of one task in the order in which they came. */
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import middy from '@middy/core';
import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import pLimit from 'p-limit';
import { currentSigner, reports, tasksTable } from '../../shared/runtime/dependencies.ts';
import { flag, list, number, variable } from '../../shared/runtime/environment.ts';
import { hideFor, pauseAfter, triesOf } from '../../shared/runtime/retry-pauses.ts';
import { telemetry as telemetryOf } from '../../shared/runtime/telemetry.ts';
import type { Signer } from '../../shared/security/signer.ts';
import type { QueuedMessage } from '../../shared/task/callback-message.ts';
import { handleCallback } from './callback.ts';

/** Four images of the largest size fit the function's memory, each read into it once. */
const IMAGES_AT_A_TIME = 4;

const telemetry = telemetryOf('callback');
const sqs = new SQSClient();
const queueUrl = variable('CALLBACKS_QUEUE');
const signerNow = currentSigner();
const dependencies = {
  store: tasksTable(),
  readReport: reports(),
  archive: {
    s3: new S3Client(),
    bucket: variable('IMAGES_BUCKET'),
    limit: pLimit(IMAGES_AT_A_TIME),
    rules: {
      allowHttp: flag('ALLOW_HTTP_IMAGES'),
      allowedRanges: list('ALLOWED_IMAGE_RANGES'),
      maxBytes: number('MAX_IMAGE_BYTES'),
      timeoutMs: 20_000,
      pausesMs: [300, 1000, 3000],
    },
  },
  telemetry,
  now: Date.now,
};

export const handler = middy<SQSEvent, SQSBatchResponse>().handler(
  async ({ Records }, _context, { signal }) => {
    const signer = await signerNow();
    for (const [nth, message] of Records.entries()) {
      if (await isHandled(signer, message, signal)) continue;
      // What came after it in its group must not overtake it.
      return {
        batchItemFailures: Records.slice(nth).map(({ messageId }) => ({ itemIdentifier: messageId })),
      };
    }
    return { batchItemFailures: [] };
  },
);

/** @returns false when the message has to be tried again */
async function isHandled(signer: Signer, message: SQSRecord, signal: AbortSignal): Promise<boolean> {
  const queued = queuedIn(message);
  const { taskId } = queued;
  try {
    const handled = await handleCallback({ ...dependencies, signer }, queued, {
      waitedMs: Date.now() - Number(message.attributes.SentTimestamp),
      signal,
    });
    telemetry.count('CallbackHandled', handled);
    telemetry.info('callback', {
      handled,
      // A forged callback's task id is anybody's string.
      task: handled === 'forged' ? undefined : taskId,
      tries: triesOf(message),
    });
    return true;
  } catch (error) {
    telemetry.count('CallbackPostponed');
    telemetry.warn('callback postponed', { task: taskId, tries: triesOf(message), error });
    await postpone(message);
    return false;
  }
}

function queuedIn({ body, messageAttributes }: SQSRecord): QueuedMessage {
  const { taskId, signature, kind } = messageAttributes;
  return {
    taskId: taskId?.stringValue ?? '',
    signature: signature?.stringValue ?? '',
    kind: kind?.stringValue,
    body,
  };
}

/** Without this the message comes back after the queue's own time, which is long enough for a stuck function. */
async function postpone(message: SQSRecord): Promise<void> {
  try {
    await hideFor(sqs, queueUrl, message, pauseAfter(triesOf(message)));
  } catch (error) {
    telemetry.warn('the queue kept its own pause', { error });
  }
}
