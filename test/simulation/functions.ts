/**
 * The functions as they are deployed, over the simulated services: for each what its handler.ts does, with the same plain
 * functions. Names, times and sizes are those of infra/constructs.
 */
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import type { DynamoDBRecord, SQSRecord } from 'aws-lambda';
import pLimit from 'p-limit';
import { handleMessages } from '../../functions/callback/handle-messages.ts';
import { checkTimers } from '../../functions/check/check-timers.ts';
import { readTasks } from '../../functions/check/read-tasks.ts';
import { type DeliverDependencies, deliver } from '../../functions/deliver/deliver.ts';
import { hostLimits, slowHosts } from '../../functions/deliver/hosts.ts';
import { publish } from '../../functions/publish/publish.ts';
import { timerStarter } from '../../functions/publish/start-timers.ts';
import { type SubmitInput, type Submitted, submit } from '../../functions/submit/submit.ts';
import type { Request } from '../../shared/http/request.ts';
import { imageLinks } from '../../shared/images/links.ts';
import { providerFinder, reportReader } from '../../shared/providers/registry.ts';
import { hideFor, pauseAfter } from '../../shared/runtime/retry-pauses.ts';
import type { Telemetry } from '../../shared/runtime/telemetry.ts';
import { within } from '../../shared/runtime/within.ts';
import { secretText } from '../../shared/security/secrets.ts';
import { signer } from '../../shared/security/signer.ts';
import { readSigningKeys } from '../../shared/security/signing-keys.ts';
import { enqueuer } from '../../shared/task/callback-queue.ts';
import { taskIdForKey } from '../../shared/task/ids.ts';
import { taskStore } from '../../shared/task/store.ts';
import { sendTimers } from '../../shared/task/timers.ts';
import { usageStore } from '../../shared/usage/usage-table.ts';
import { deliveriesTable } from '../../shared/webhooks/deliveries.ts';
import type { Attempted, OutgoingWebhook } from '../../shared/webhooks/post.ts';
import { readWebhookMessage, webhookSender } from '../../shared/webhooks/webhook-queue.ts';
import type { Clock } from './clock.ts';
import { baseUrls } from './provider/network.ts';
import type { Clients } from './services/clients.ts';
import type { Handler, Instance } from './services/lambda.ts';
import type { Message } from './services/queue.ts';
import { PRICES } from './terms.ts';

export interface Deployment {
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  readonly clientsOf: (instance: Instance) => Clients;
  readonly networkOf: (instance: Instance) => Request;
  /** Takes the place of shared/webhooks/post.ts. */
  readonly postOf: (instance: Instance) => (webhook: OutgoingWebhook) => Promise<Attempted>;
  /** From 0 to 1. */
  readonly random: () => number;
  /** A ULID; of two in the same millisecond either may be the greater one. */
  readonly freshUlid: (time: number) => string;
}

export const PUBLIC_URL = 'https://api.wanhook.example';
export const queueUrls = {
  callbacks: 'callbacks',
  overdue: 'overdue',
  status: 'status',
  unpublished: 'unpublished',
  webhooks: 'webhooks',
  retries: 'webhook-retries',
};
export const secretNames = { signing: 'signing-keys', providers: 'provider-keys', taskIds: 'task-id-secret' };
export const OVERDUE_SECONDS = 900;
const FIRST_READ_SECONDS = 10;
const TABLE = 'tasks';
const USAGE_TABLE = 'usage';
const BUCKET = 'images';

/** What shared/runtime/dependencies.ts makes for one function. */
function shared({ clock, clientsOf, networkOf, random }: Deployment, instance: Instance) {
  const clients = clientsOf(instance);
  const request = networkOf(instance);
  const now = () => clock.now;
  const secretNamed = (name: string) => secretText(clients.secretsManager, name, now);
  const signingKeys = secretNamed(secretNames.signing);
  const providerKeys = secretNamed(secretNames.providers);
  const signerNow = async () => signer(readSigningKeys(await signingKeys()), now);
  return {
    clients,
    request,
    now,
    secretNamed,
    signerNow,
    store: taskStore(clients.dynamodb, TABLE, { name: USAGE_TABLE, pause: clock.pause, random }),
    usage: usageStore(clients.dynamodb, USAGE_TABLE),
    provider: providerFinder(baseUrls, providerKeys, request),
    readReport: reportReader(providerKeys),
    enqueue: enqueuer(clients.sqs, queueUrls.callbacks, signerNow),
    linksNow: async () => imageLinks(await signerNow(), { publicUrl: PUBLIC_URL, days: 7 }, now()),
  };
}

export function startSubmit(deployment: Deployment, instance: Instance): Handler<SubmitInput, Submitted> {
  const { clock, telemetry, freshUlid } = deployment;
  const { clients, now, secretNamed, signerNow, store, usage, provider, enqueue } = shared(
    deployment,
    instance,
  );
  const taskIdSecret = secretNamed(secretNames.taskIds);
  const dependencies = {
    store,
    usage,
    provider,
    enqueue,
    telemetry,
    now,
    pause: clock.pause,
    within: <T>(ms: number, work: Promise<T>) => within(ms, work, clock.pause),
    taskIdForKey: async (owner: string, key: string) => taskIdForKey(await taskIdSecret(), owner, key),
    freshTaskId: (time: number) => `task_${freshUlid(time)}`,
    inputs: { s3: clients.s3, bucket: BUCKET },
    leadsInside: async () => false,
    inputRules: { fetch: false, allowedRanges: [] },
    publicUrl: PUBLIC_URL,
    retentionDays: 90,
    prices: PRICES,
  };
  return async (input) => {
    const deadline = now() + 25_000;
    return submit({ ...dependencies, deadline, signer: await signerNow() }, input);
  };
}

export function startCallback(
  deployment: Deployment,
  instance: Instance,
): Handler<readonly Message[], ReadonlySet<string>> {
  const { clock, telemetry } = deployment;
  const { clients, request, now, signerNow, store, readReport } = shared(deployment, instance);
  const rules = {
    allowHttp: false,
    allowedRanges: [],
    maxBytes: 32 * 1024 * 1024,
    timeoutMs: 60_000,
    pausesMs: [300, 1000, 3000],
    request,
    pause: clock.pause,
  };
  const archive = { s3: clients.s3, bucket: BUCKET, limit: pLimit(4), rules };
  const hide = (message: SQSRecord, seconds: number) =>
    hideFor(clients.sqs, queueUrls.callbacks, message, seconds);
  const dependencies = { store, readReport, archive, telemetry, now, hide };
  return async (messages, signal) => {
    const records = messages.map(recordOf);
    const again = await handleMessages({ ...dependencies, signer: await signerNow() }, records, signal);
    return new Set(again.map(({ messageId }) => messageId));
  };
}

export function startCheck(
  deployment: Deployment,
  instance: Instance,
): Handler<{ readonly queue: string; readonly messages: readonly Message[] }, ReadonlySet<string>> {
  const { clock, telemetry, freshUlid } = deployment;
  const { clients, now, store, provider, enqueue } = shared(deployment, instance);
  const dependencies = {
    store,
    readTasks: (ids: readonly string[]) => readTasks(clients.dynamodb, TABLE, ids, clock.pause),
    provider,
    enqueue,
    telemetry,
    now,
    freshUlid,
    overdueSeconds: OVERDUE_SECONDS,
  };
  return async ({ queue, messages }) => {
    const failed = await checkTimers(
      { ...dependencies, send: (timers) => sendTimers(clients.sqs, queue, timers) },
      messages.map(({ id, body, receives }) => ({ messageId: id, body, receives })),
    );
    return new Set(failed);
  };
}

export function startPublish(
  deployment: Deployment,
  instance: Instance,
): Handler<readonly DynamoDBRecord[], readonly string[]> {
  const { clock, telemetry } = deployment;
  const { clients, now, linksNow } = shared(deployment, instance);
  const queues = {
    overdue: { url: queueUrls.overdue, delaySeconds: OVERDUE_SECONDS },
    status: { url: queueUrls.status, delaySeconds: FIRST_READ_SECONDS },
  };
  const dependencies = {
    client: clients.eventBridge,
    busName: 'wanhook',
    telemetry,
    now,
    pause: clock.pause,
    startTimers: timerStarter(clients.sqs, queues, telemetry),
    setAside: async (unpublished: object) => {
      const MessageBody = JSON.stringify(unpublished);
      await clients.sqs.send(new SendMessageCommand({ QueueUrl: queueUrls.unpublished, MessageBody }));
    },
  };
  return async (records) => publish(dependencies, records, await linksNow());
}

/** Of first attempts and of retries alike; what it remembers of slow hosts between batches is left out. */
export function startDeliver(
  deployment: Deployment,
  instance: Instance,
): Handler<{ readonly queue: string; readonly messages: readonly Message[] }, ReadonlySet<string>> {
  const { telemetry, postOf, random } = deployment;
  const { clients, now, store, linksNow } = shared(deployment, instance);
  const dependencies = {
    store,
    telemetry,
    now,
    random,
    secretsOf: async () => ['whsec_c2VjcmV0'],
    post: postOf(instance),
    send: webhookSender(clients.sqs, queueUrls.retries),
    putDelivery: deliveriesTable(clients.dynamodb, 'deliveries').put,
  };
  const isHandled = async (batch: DeliverDependencies, queue: string, message: Message) => {
    try {
      await deliver(batch, readWebhookMessage(message.body)!);
      return true;
    } catch {
      const pause = pauseAfter(message.receives);
      await hideFor(clients.sqs, queue, recordOf(message), pause).catch(() => undefined);
      return false;
    }
  };
  return async ({ queue, messages }) => {
    const batch = { ...dependencies, atHost: hostLimits(slowHosts()), linkTo: await linksNow() };
    const handled = await Promise.all(messages.map((message) => isHandled(batch, queue, message)));
    return new Set(messages.flatMap(({ id }, index) => (handled[index] ? [] : [id])));
  };
}

/** A message as Lambda hands it over. */
function recordOf({ id, body, attributes, receives, sentAt }: Message): SQSRecord {
  const messageAttributes = Object.fromEntries(
    Object.entries(attributes).map(([name, stringValue]) => [
      name,
      { stringValue, dataType: 'String' as const },
    ]),
  );
  return {
    messageId: id,
    receiptHandle: id,
    body,
    messageAttributes,
    attributes: {
      ApproximateReceiveCount: String(receives),
      SentTimestamp: String(sentAt),
      SenderId: '',
      ApproximateFirstReceiveTimestamp: String(sentAt),
    },
    md5OfBody: '',
    eventSource: 'aws:sqs',
    eventSourceARN: 'callbacks',
    awsRegion: 'us-east-1',
  };
}
