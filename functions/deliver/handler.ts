/** From the webhooks queue, and in a second function from the queue of retries. */
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
import { hideFor } from '../../shared/runtime/retry-pauses.ts';
import { telemetry } from '../../shared/runtime/telemetry.ts';
import { deliveriesTable } from '../../shared/webhooks/deliveries.ts';
import { type OutgoingWebhook, postWebhook } from '../../shared/webhooks/post.ts';
import { webhookSender } from '../../shared/webhooks/webhook-queue.ts';
import { deliverMessages } from './deliver-messages.ts';
import { hostLimits, rememberedHosts, slowHosts } from './hosts.ts';

const sqs = new SQSClient();
const ownQueue = variable('OWN_QUEUE');
const links = currentLinks(currentSigner());
const rules = webhookRules();
const dependencies = {
  store: tasksTable(),
  secretsOf: webhookSecrets(),
  post: (webhook: OutgoingWebhook) => postWebhook(webhook, rules, Date.now),
  send: webhookSender(sqs, variable('WEBHOOK_RETRIES_QUEUE')),
  putDelivery: deliveriesTable(dynamoDbClient(), variable('DELIVERIES_TABLE')).put,
  hide: (message: SQSRecord, seconds: number) => hideFor(sqs, ownQueue, message, seconds),
  telemetry: telemetry('deliver'),
  now: Date.now,
  random: Math.random,
};

/** First attempts do not wait for a slow host: they go to the queue of retries. There each batch finds out anew. */
const remembered = flag('FOR_RETRIES') ? undefined : rememberedHosts(Date.now);

export const handler = middy<SQSEvent, SQSBatchResponse>().handler(async ({ Records }) => {
  const atHost = hostLimits(remembered ?? slowHosts());
  const again = await deliverMessages({ ...dependencies, atHost, linkTo: await links() }, Records);
  return { batchItemFailures: again.map(({ messageId }) => ({ itemIdentifier: messageId })) };
});
