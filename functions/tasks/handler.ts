/** GET /v1/tasks, GET /v1/tasks/{id}, GET /v1/images/{taskId}/{index}/{signature} */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import { errorAnswers, type HttpEvent, type HttpResult, json } from '../../shared/http/api.ts';
import { notFound, Problem } from '../../shared/http/problem.ts';
import { requireKey, type WithCaller } from '../../shared/http/require-key.ts';
import { imageLink } from '../../shared/images/links.ts';
import { number, variable } from '../../shared/runtime/environment.ts';
import { telemetry as telemetryOf } from '../../shared/runtime/telemetry.ts';
import { type Caller, callerFinder } from '../../shared/security/api-keys.ts';
import { secretText } from '../../shared/security/secrets.ts';
import { publicTask } from '../../shared/task/public-task.ts';
import type { KeptImage, TaskRecord } from '../../shared/task/record.ts';
import { taskStore } from '../../shared/task/store.ts';
import { ownTask } from './get-task.ts';
import { cursorOf, listQuery } from './list-query.ts';
import { listTasks } from './list-tasks.ts';
import { openImage } from './open-image.ts';

/** Time enough to start a download; the link that leads here can be opened again. */
const PRESIGNED_SECONDS = 300;

const telemetry = telemetryOf('tasks');
const dynamodb = new DynamoDBClient();
const s3 = new S3Client();
const rootSecret = secretText(new SecretsManagerClient(), variable('ROOT_SECRET'), Date.now);
const table = { name: variable('TASKS_TABLE'), index: variable('BY_OWNER_INDEX') };
const store = taskStore(dynamodb, table.name);
const links = { publicUrl: variable('PUBLIC_URL'), days: number('IMAGE_LINK_DAYS') };

const tasks = middy<HttpEvent, HttpResult, Error, WithCaller>()
  .use(errorAnswers(telemetry))
  .use(requireKey(callerFinder(dynamodb, variable('KEYS_TABLE'), Date.now)))
  .handler(async (event, { caller }) => {
    const show = await presenter();
    const id = event.pathParameters?.id;
    return id === undefined ? listFor(caller, event, show) : oneFor(caller, id, show);
  });

/** Without a key: an image link carries its right itself. */
const images = middy<HttpEvent, HttpResult>()
  .use(errorAnswers(telemetry))
  .handler(async ({ pathParameters: { taskId = '', index = '', signature = '' } = {} }) => {
    const link = { taskId, index, signature };
    const opened = await openImage(store.get, await rootSecret(), link, Date.now());
    if (opened.kind === 'image') return redirect(await presigned(opened.image));
    if (opened.kind === 'unknown') throw notFound('There is no such image');
    throw new Problem(403, {
      code: 'link_expired',
      message: 'This link has expired or was changed: read the task again for a fresh one',
      type: 'permission_error',
    });
  });

export const handler = (event: HttpEvent, context: Context) =>
  event.routeKey.startsWith('GET /v1/images/') ? images(event, context) : tasks(event, context as WithCaller);

async function oneFor({ owner }: Caller, id: string, show: (record: TaskRecord) => unknown) {
  const record = await ownTask(store.get, owner, id);
  if (!record) throw notFound('There is no such task, or it belongs to another owner');
  return json(200, show(record));
}

async function listFor({ owner }: Caller, event: HttpEvent, show: (record: TaskRecord) => unknown) {
  const { records, next } = await listTasks(
    dynamodb,
    table,
    listQuery(owner, event.queryStringParameters ?? {}),
  );
  return json(200, { object: 'list', data: records.map(show), next_cursor: next ? cursorOf(next) : null });
}

async function presenter(): Promise<(record: TaskRecord) => unknown> {
  const maker = { ...links, rootSecret: await rootSecret(), now: Date.now() };
  return (record) => publicTask(record, (taskId, index) => imageLink(maker, taskId, index));
}

function presigned({ bucket, key }: KeptImage): Promise<string> {
  return getSignedUrl(s3, new GetObjectCommand({ Bucket: bucket, Key: key }), {
    expiresIn: PRESIGNED_SECONDS,
  });
}

const redirect = (location: string): HttpResult => ({
  statusCode: 302,
  headers: { location, 'cache-control': 'private, no-store' },
});
