/** POST /v1/images/generations */
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import middy from '@middy/core';
import { bodyText, errorAnswers, type HttpEvent, type HttpResult, json } from '../../shared/http/api.ts';
import { invalid, Problem } from '../../shared/http/problem.ts';
import { requireKey, type WithCaller } from '../../shared/http/require-key.ts';
import { type ReadRequest, readRequest } from '../../shared/models/read-request.ts';
import {
  callbacksQueue,
  currentLinks,
  currentSigner,
  dynamoDbClient,
  providers,
  secretNamed,
  tasksTable,
  usageTable,
  webhookRules,
} from '../../shared/runtime/dependencies.ts';
import { flag, list, number, object, variable } from '../../shared/runtime/environment.ts';
import { pause } from '../../shared/runtime/pause.ts';
import { telemetry as telemetryOf } from '../../shared/runtime/telemetry.ts';
import { within } from '../../shared/runtime/within.ts';
import { callerFinder } from '../../shared/security/api-keys.ts';
import { freshTaskId, taskIdForKey } from '../../shared/task/ids.ts';
import { type LinkTo, publicTask } from '../../shared/task/public-task.ts';
import type { Prices } from '../../shared/usage/prices.ts';
import { leadsInside } from '../../shared/webhooks/webhook-url.ts';
import { type Submitted, submit } from './submit.ts';

/** Lambda takes 6 MB with the event around the body; larger ones the gateway refuses itself. */
const MAX_BODY_BYTES = 6_000_000;
/** API Gateway gives up 30 s after the request came, a cold start included; the rest is for recording the outcome. */
const ANSWER_WITHIN_MS = 25_000;

const LOOKUP_MS = 1000;

const dynamodb = dynamoDbClient();
const telemetry = telemetryOf('submit');
const signer = currentSigner();
const links = currentLinks(signer);
const rules = webhookRules();
const taskIdSecret = secretNamed('TASK_ID_SECRET');
const dependencies = {
  store: tasksTable({ settles: true }),
  usage: usageTable(),
  taskIdForKey: async (owner: string, key: string) => taskIdForKey(await taskIdSecret(), owner, key),
  freshTaskId,
  inputs: { s3: new S3Client(), bucket: variable('IMAGES_BUCKET') },
  inputRules: {
    fetch: flag('CHECK_INPUT_IMAGES'),
    allowedRanges: list('ALLOWED_IMAGE_RANGES'),
  },
  // A name server that does not answer holds up no request.
  leadsInside: (url: string) => within(LOOKUP_MS, leadsInside(new URL(url), rules)).catch(() => false),
  provider: providers(),
  enqueue: callbacksQueue(new SQSClient(), signer),
  publicUrl: variable('PUBLIC_URL'),
  retentionDays: number('RETENTION_DAYS'),
  prices: object<Prices>('PRICES'),
  telemetry,
  now: Date.now,
  pause,
  within,
};

export const handler = middy<HttpEvent, HttpResult, Error, WithCaller>()
  .use(errorAnswers(telemetry, 'With an Idempotency-Key the request may be sent again safely'))
  .use(requireKey(callerFinder(dynamodb, variable('KEYS_TABLE'), Date.now), telemetry))
  .handler(async (event, { caller }) => {
    const deadline = event.requestContext.timeEpoch + ANSWER_WITHIN_MS;
    const idempotencyKey = idempotencyKeyOf(event);
    const read = readBody(event);
    if (read.kind === 'violation')
      throw invalid(read.violation.param, read.violation.message, read.violation.code);
    const submitted = await submit(
      { ...dependencies, deadline, signer: await signer() },
      { caller, request: read.request, idempotencyKey },
    );
    return answer(submitted, await links());
  });

function idempotencyKeyOf(event: HttpEvent): string | undefined {
  const key = event.headers['idempotency-key'];
  if (key !== undefined && (key.length < 1 || key.length > 255)) {
    throw invalid('Idempotency-Key', 'The header Idempotency-Key must have 1 to 255 characters');
  }
  return key;
}

function readBody(event: HttpEvent): ReadRequest {
  const text = bodyText(event);
  if (Buffer.byteLength(text) > MAX_BODY_BYTES) {
    throw invalid(
      'body',
      `body must have at most ${MAX_BODY_BYTES} bytes; larger images can be given as URLs`,
    );
  }
  try {
    return readRequest(JSON.parse(text), rules);
  } catch (error) {
    if (error instanceof SyntaxError) throw invalid('body', 'body must be a JSON object');
    throw error;
  }
}

function answer(submitted: Submitted, linkTo: LinkTo): HttpResult {
  switch (submitted.kind) {
    case 'task': {
      const task = publicTask(submitted.record, linkTo);
      return json(200, task, submitted.replayed ? { 'idempotent-replayed': 'true' } : {});
    }
    case 'invalid':
      throw invalid(submitted.violation.param, submitted.violation.message, submitted.violation.code);
    case 'mismatch':
      throw new Problem(422, {
        code: 'idempotency_key_reused',
        message: 'This Idempotency-Key was used with another request; a new request needs a new key',
        type: 'invalid_request_error',
        param: 'Idempotency-Key',
      });
    case 'denied': {
      const { status, error, retryAfterSeconds: seconds } = submitted;
      throw new Problem(status, error, seconds === undefined ? {} : { 'retry-after': String(seconds) });
    }
    case 'refused':
      throw new Problem(submitted.status, submitted.error);
    case 'busy':
      throw new Problem(
        503,
        {
          code: 'provider_busy',
          message:
            'The provider takes no task now and nothing was created: try again, with the same Idempotency-Key',
          type: 'server_error',
        },
        { 'retry-after': String(submitted.retryAfterSeconds) },
      );
  }
}
