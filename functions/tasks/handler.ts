/** The routes that read: see `routes` below. */
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import middy from '@middy/core';
import { errorAnswers, type HttpEvent, type HttpResult } from '../../shared/http/api.ts';
import { jsonUnlessKnown } from '../../shared/http/entity-tag.ts';
import { notFound, Problem } from '../../shared/http/problem.ts';
import { requireKey, type WithCaller } from '../../shared/http/require-key.ts';
import {
  currentLinks,
  currentSigner,
  dynamoDbClient,
  tasksTable,
} from '../../shared/runtime/dependencies.ts';
import { variable } from '../../shared/runtime/environment.ts';
import { pause } from '../../shared/runtime/pause.ts';
import { telemetry as telemetryOf } from '../../shared/runtime/telemetry.ts';
import { type Caller, callerFinder } from '../../shared/security/api-keys.ts';
import { ownTask } from '../../shared/task/own-task.ts';
import { publicTask } from '../../shared/task/public-task.ts';
import type { KeptImage, TaskRecord } from '../../shared/task/record.ts';
import { cursorOf } from './cursor.ts';
import { fitPage } from './fit-page.ts';
import { listQuery } from './list-query.ts';
import { listTasks } from './list-tasks.ts';
import { fileName, openImage } from './open-image.ts';
import { openInput } from './open-input.ts';

/** Time enough to start a download; the link that leads here can be opened again. */
const PRESIGNED_SECONDS = 300;

const telemetry = telemetryOf('tasks');
const dynamodb = dynamoDbClient();
const s3 = new S3Client();
const signer = currentSigner();
const list = {
  client: dynamodb,
  table: { name: variable('TASKS_TABLE'), index: variable('TASK_INDEX') },
  pause,
};
const store = tasksTable();
const findCaller = callerFinder(dynamodb, variable('KEYS_TABLE'), Date.now);
const links = currentLinks(signer);

const behindKey = (handle: (event: HttpEvent, caller: Caller) => Promise<HttpResult>) =>
  middy<HttpEvent, HttpResult, Error, WithCaller>()
    .use(errorAnswers(telemetry))
    .use(requireKey(findCaller, telemetry))
    .handler((event, { caller }) => handle(event, caller));

/** Without a key: an image link carries its right itself. */
const image = middy<HttpEvent, HttpResult>()
  .use(errorAnswers(telemetry))
  .handler(async ({ pathParameters, queryStringParameters }) => {
    const { taskId = '', index = '', signature = '' } = pathParameters ?? {};
    const link = { taskId, index, signature };
    const opened = await openImage(store.get, await signer(), link);
    if (opened.kind === 'image') {
      const saveAs = queryStringParameters?.download === undefined ? undefined : fileName(link, opened.image);
      return redirect(await presigned(opened.image, saveAs));
    }
    if (opened.kind === 'unknown') throw notFound('There is no such image');
    throw linkExpired('read the task again for a fresh one');
  });

/** Without a key too: the provider that fetches it has none. */
const input = middy<HttpEvent, HttpResult>()
  .use(errorAnswers(telemetry))
  .handler(async ({ pathParameters: { taskId = '', index = '', signature = '' } = {} }) => {
    const store = { s3, bucket: variable('IMAGES_BUCKET') };
    const opened = await openInput(store, await signer(), { taskId, index, signature });
    if (opened.kind === 'unknown') throw notFound('There is no such image');
    if (opened.kind === 'forbidden') throw linkExpired('it is good for as long as its task can be asked for');
    const headers = { 'content-type': opened.contentType, 'cache-control': 'private, no-store' };
    return { statusCode: 200, headers, body: opened.base64, isBase64Encoded: true };
  });

const linkExpired = (whatToDo: string) =>
  new Problem(403, {
    code: 'link_expired',
    message: `This link has expired or was changed: ${whatToDo}`,
    type: 'permission_error',
  });

/** The routes of this function, as the stack names them. */
const routes: Record<string, (event: HttpEvent, context: WithCaller) => Promise<HttpResult>> = {
  'GET /v1/tasks': behindKey(listOf),
  'GET /v1/tasks/{id}': behindKey(taskOf),
  'GET /v1/images/{taskId}/{index}/{signature}': image,
  'GET /v1/inputs/{taskId}/{index}/{signature}': input,
};

export const handler = (event: HttpEvent, context: WithCaller): Promise<HttpResult> => {
  const route = routes[event.routeKey];
  if (!route) throw new Error(`No route ${event.routeKey} leads to this function`);
  return route(event, context);
};

async function taskOf(event: HttpEvent, { owner }: Caller) {
  const { id = '' } = event.pathParameters ?? {};
  const record = await ownTask(store.get, owner, id);
  if (!record) throw notFound('There is no such task, or it belongs to another owner');
  const show = await presenter();
  return jsonUnlessKnown(event, show(record));
}

async function listOf(event: HttpEvent, { owner }: Caller) {
  const query = listQuery(owner, event.queryStringParameters ?? {});
  const { data, next } = fitPage(await listTasks(list, query), await presenter());
  return jsonUnlessKnown(event, { object: 'list', data, next_cursor: next ? cursorOf(query, next) : null });
}

async function presenter(): Promise<(record: TaskRecord) => unknown> {
  const linkTo = await links();
  return (record) => publicTask(record, linkTo);
}

/** @param saveAs the name under which a browser saves it instead of showing it */
function presigned({ bucket, key }: KeptImage, saveAs?: string): Promise<string> {
  const disposition = saveAs && { ResponseContentDisposition: `attachment; filename="${saveAs}"` };
  return getSignedUrl(s3, new GetObjectCommand({ Bucket: bucket, Key: key, ...disposition }), {
    expiresIn: PRESIGNED_SECONDS,
  });
}

const redirect = (location: string): HttpResult => ({
  statusCode: 302,
  headers: { location, 'cache-control': 'private, no-store' },
});
