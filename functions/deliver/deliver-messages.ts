/** Works off messages of the webhooks queues: a batch whose webhooks are attempted all at once. */
import type { SQSRecord } from 'aws-lambda';
import { type PostponeDependencies, postpone, triesOf } from '../../shared/runtime/retry-pauses.ts';
import { readWebhookMessage } from '../../shared/webhooks/webhook-queue.ts';
import { type DeliverDependencies, deliver } from './deliver.ts';

export type MessagesDependencies = DeliverDependencies & PostponeDependencies;

/** @returns the messages that have to come again */
export async function deliverMessages(
  dependencies: MessagesDependencies,
  messages: readonly SQSRecord[],
): Promise<readonly SQSRecord[]> {
  const handled = await Promise.all(messages.map((message) => isHandled(dependencies, message)));
  return messages.filter((_, nth) => !handled[nth]);
}

/** @returns false when the message has to come again */
async function isHandled(dependencies: MessagesDependencies, message: SQSRecord): Promise<boolean> {
  const { telemetry } = dependencies;
  try {
    const webhook = readWebhookMessage(message.body);
    if (!webhook) throw new Error('The message is no webhook');
    const delivered = await deliver(dependencies, webhook);
    telemetry.count('WebhookHandled', delivered);
    telemetry.info('webhook', { task: webhook.task, delivered });
    return true;
  } catch (error) {
    telemetry.count('WebhookPostponed');
    telemetry.error('webhook postponed', { message: message.messageId, tries: triesOf(message), error });
    await postpone(dependencies, message);
    return false;
  }
}
