/** From the webhooks queue and the queue of retries: a batch whose webhooks are attempted all at once. */
import { SQSClient } from '@aws-sdk/client-sqs';
import middy from '@middy/core';
import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import {
  currentLinks,
  currentSigner,
  dynamoDbClient,
  tasksTable,
  webhookRules,
  webhookSecrets,
} from '../../shared/runtime/dependencies.ts';
import { flag, variable } from '../../shared/runtime/environment.ts';
import { hideFor, pauseAfter, triesOf } from '../../shared/runtime/retry-pauses.ts';
import { telemetry as telemetryOf } from '../../shared/runtime/telemetry.ts';
import { deliveriesTable } from '../../shared/webhooks/deliveries.ts';
import { type OutgoingWebhook, postWebhook } from '../../shared/webhooks/post.ts';
import { readWebhookMessage, webhookSender } from '../../shared/webhooks/webhook-queue.ts';
import { type DeliverDependencies, deliver } from './deliver.ts';
import { hangingHosts, hostLimits, rememberedHosts } from './hosts.ts';

const telemetry = telemetryOf('deliver');
const sqs = new SQSClient();
const links = currentLinks(currentSigner());
const rules = webhookRules();
const dependencies = {
  store: tasksTable(),
  secretsOf: webhookSecrets(),
  post: (webhook: OutgoingWebhook) => postWebhook(webhook, rules, Date.now),
  send: webhookSender(sqs, variable('WEBHOOK_RETRIES_QUEUE')),
  putDelivery: deliveriesTable(dynamoDbClient(), variable('DELIVERIES_TABLE')).put,
  telemetry,
  now: Date.now,
  random: Math.random,
};

/** First attempts do not wait for a host that hangs: they go to the queue of retries. There each batch finds out anew. */
const remembered = flag('FOR_RETRIES') ? undefined : rememberedHosts(Date.now);

export const handler = middy<SQSEvent, SQSBatchResponse>().handler(async ({ Records }) => {
  const atHost = hostLimits(remembered ?? hangingHosts());
  const batch: DeliverDependencies = { ...dependencies, atHost, linkTo: await links() };
  const handled = await Promise.all(Records.map((message) => isHandled(batch, message)));
  const failed = Records.filter((_, index) => !handled[index]);
  return { batchItemFailures: failed.map(({ messageId }) => ({ itemIdentifier: messageId })) };
});

/** @returns false when the message has to come again */
async function isHandled(batch: DeliverDependencies, message: SQSRecord): Promise<boolean> {
  try {
    const webhook = readWebhookMessage(message.body);
    if (!webhook) throw new Error('The message is no webhook');
    telemetry.info('webhook', { task: webhook.task, delivered: await deliver(batch, webhook) });
    return true;
  } catch (error) {
    telemetry.error('webhook postponed', { message: message.messageId, tries: triesOf(message), error });
    await postpone(message);
    return false;
  }
}

/** Without this the message comes back after the queue's own time, which is long enough for a stuck function. */
async function postpone(message: SQSRecord): Promise<void> {
  try {
    await hideFor(sqs, variable('OWN_QUEUE'), message, pauseAfter(triesOf(message)));
  } catch (error) {
    telemetry.warn('the queue kept its own pause', { error });
  }
}
