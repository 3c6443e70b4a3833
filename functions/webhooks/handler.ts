/** What callers may do about their webhooks: see `routes` below. */
import { SQSClient } from '@aws-sdk/client-sqs';
import middy from '@middy/core';
import { bodyText, errorAnswers, type HttpEvent, type HttpResult, json } from '../../shared/http/api.ts';
import { invalid, notFound, Problem } from '../../shared/http/problem.ts';
import { requireKey, type WithCaller } from '../../shared/http/require-key.ts';
import {
  currentLinks,
  currentSigner,
  dynamoDbClient,
  tasksTable,
  webhookRules,
  webhookSecrets,
} from '../../shared/runtime/dependencies.ts';
import { variable } from '../../shared/runtime/environment.ts';
import { parseJsonObject } from '../../shared/runtime/json.ts';
import { telemetry as telemetryOf } from '../../shared/runtime/telemetry.ts';
import { type Caller, callerFinder } from '../../shared/security/api-keys.ts';
import { ownTask } from '../../shared/task/own-task.ts';
import { publicTask } from '../../shared/task/public-task.ts';
import type { TaskRecord } from '../../shared/task/record.ts';
import { deliveriesTable, publicDelivery } from '../../shared/webhooks/deliveries.ts';
import { type OutgoingWebhook, postWebhook } from '../../shared/webhooks/post.ts';
import { webhookSender } from '../../shared/webhooks/webhook-queue.ts';
import { checkWebhookUrl } from '../../shared/webhooks/webhook-url.ts';
import { redeliver } from './redeliver.ts';
import { testWebhook } from './test-webhook.ts';

const telemetry = telemetryOf('webhooks');
const findCaller = callerFinder(dynamoDbClient(), variable('KEYS_TABLE'), Date.now);
const links = currentLinks(currentSigner());
const deliveries = deliveriesTable(dynamoDbClient(), variable('DELIVERIES_TABLE'));
const rules = webhookRules();
const dependencies = {
  store: tasksTable(),
  send: webhookSender(new SQSClient(), variable('WEBHOOKS_QUEUE')),
  post: (webhook: OutgoingWebhook) => postWebhook(webhook, rules, Date.now),
  secretsOf: webhookSecrets(),
  publicUrl: variable('PUBLIC_URL'),
  now: Date.now,
};

/** The routes of this function, as the stack names them. */
const routes: Record<string, (event: HttpEvent, caller: Caller) => Promise<HttpResult>> = {
  'GET /v1/tasks/{id}/deliveries': deliveriesOf,
  'POST /v1/tasks/{id}/redeliver': redelivered,
  'POST /v1/webhooks/test': tested,
};

export const handler = middy<HttpEvent, HttpResult, Error, WithCaller>()
  .use(errorAnswers(telemetry))
  .use(requireKey(findCaller, telemetry))
  .handler((event, { caller }) => {
    const route = routes[event.routeKey];
    if (!route) throw new Error(`No route ${event.routeKey} leads to this function`);
    return route(event, caller);
  });

async function deliveriesOf(event: HttpEvent, caller: Caller): Promise<HttpResult> {
  const { id } = await taskOf(event, caller);
  const made = await deliveries.list(id);
  return json(200, { object: 'list', data: made.map(publicDelivery) });
}

async function redelivered(event: HttpEvent, caller: Caller): Promise<HttpResult> {
  const redelivery = await redeliver(dependencies, await taskOf(event, caller));
  if (redelivery.kind === 'queued') return json(202, publicTask(redelivery.record, await links()));
  throw redelivery.kind === 'open'
    ? conflict('task_not_ended', 'The task has not ended yet: there is no outcome to send')
    : conflict('no_callback_url', 'The task was created without a callback_url');
}

async function tested(event: HttpEvent, caller: Caller): Promise<HttpResult> {
  const body = parseJsonObject(bodyText(event));
  if (!body) throw invalid('body', 'body must be a JSON object');
  const unknown = Object.keys(body).find((name) => name !== 'url');
  if (unknown !== undefined) throw invalid(unknown, `${unknown} is not a parameter; allowed is url`);
  if (typeof body.url !== 'string') throw invalid('url', 'url must be an https URL');
  const checked = checkWebhookUrl(body.url, rules);
  if (checked.kind === 'refused') throw invalid('url', `url ${checked.reason}`);
  return json(200, await testWebhook(dependencies, caller, body.url));
}

async function taskOf(
  { pathParameters: { id = '' } = {} }: HttpEvent,
  { owner }: Caller,
): Promise<TaskRecord> {
  const record = await ownTask(dependencies.store.get, owner, id);
  if (!record) throw notFound('There is no such task, or it belongs to another owner');
  return record;
}

const conflict = (code: string, message: string): Problem =>
  new Problem(409, { code, message, type: 'invalid_request_error' });
