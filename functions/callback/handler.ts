/** From the callbacks queue: the messages of one task in the order in which they came. */
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import middy from '@middy/core';
import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import pLimit from 'p-limit';
import { currentSigner, reports, tasksTable } from '../../shared/runtime/dependencies.ts';
import { flag, list, number, variable } from '../../shared/runtime/environment.ts';
import { hideFor } from '../../shared/runtime/retry-pauses.ts';
import { telemetry } from '../../shared/runtime/telemetry.ts';
import { handleMessages } from './handle-messages.ts';

/** Four images of the largest size fit the function's memory, each read into it once. */
const IMAGES_AT_A_TIME = 4;
/** Of the function's time so much is kept for what comes after fetching. */
const TIME_TO_NOTE_MS = 10_000;

const sqs = new SQSClient();
const queueUrl = variable('CALLBACKS_QUEUE');
const signer = currentSigner();
const dependencies = {
  store: tasksTable({ settles: true }),
  readReport: reports(),
  archive: {
    s3: new S3Client(),
    bucket: variable('IMAGES_BUCKET'),
    limit: pLimit(IMAGES_AT_A_TIME),
    rules: {
      allowHttp: flag('ALLOW_HTTP_IMAGES'),
      allowedRanges: list('ALLOWED_IMAGE_RANGES'),
      maxBytes: number('MAX_IMAGE_BYTES'),
      // A host may be slow; one that takes longer is asked again in the next attempt, not in this one.
      timeoutMs: 60_000,
      pausesMs: [300, 1000, 3000],
    },
  },
  hide: (message: SQSRecord, seconds: number) => hideFor(sqs, queueUrl, message, seconds),
  telemetry: telemetry('callback'),
  now: Date.now,
};

export const handler = middy<SQSEvent, SQSBatchResponse>().handler(async ({ Records }, context) => {
  // What a slow host has delivered of a task must still be noted.
  const signal = AbortSignal.timeout(Math.max(0, context.getRemainingTimeInMillis() - TIME_TO_NOTE_MS));
  const again = await handleMessages({ ...dependencies, signer: await signer() }, Records, signal);
  return { batchItemFailures: again.map(({ messageId }) => ({ itemIdentifier: messageId })) };
});
