/** What lies in the webhooks queues: which task's webhook is to be attempted, and when. Ids and numbers only. */
import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { isJsonObject, parseJsonObject } from '../runtime/json.ts';

export interface WebhookMessage {
  /** The task's id. */
  readonly task: string;
  /** Names the series of attempts: empty for the one that the outcome began; a greater one (a redelivery) is newer. */
  readonly run: string;
  /** Which attempt of its run it is for, from 1 on. */
  readonly step: number;
  /** Names this very message among those for the same step, of which the record obeys one; absent for step 1. */
  readonly link?: string;
  /** When the run began, in seconds since 1970; absent for the run that the outcome began. */
  readonly since?: number;
  /** Seconds since 1970; absent: at once. */
  readonly due?: number;
}

/** What SQS delays a message by at the most; one that is due later is sent on. */
export const MAX_DELAY_SECONDS = 900;

/**
 * Reads a message of ours, of the bus's rule (`{"task"}`), or an event as EventBridge puts it into a dead-letter queue
 * when the rule's target did not take it.
 * @returns nothing when it is none of them
 */
export function readWebhookMessage(body: string): WebhookMessage | undefined {
  const json = parseJsonObject(body) ?? {};
  const { run = '', step = 1, link, since, due } = json;
  const task = json.task ?? taskOfEvent(json.detail);
  if (typeof task !== 'string' || typeof run !== 'string' || typeof step !== 'number') return undefined;
  return {
    task,
    run,
    step,
    ...(typeof link === 'string' && { link }),
    ...(typeof since === 'number' && { since }),
    ...(typeof due === 'number' && { due }),
  };
}

function taskOfEvent(detail: unknown): unknown {
  const task = isJsonObject(detail) ? detail.task : undefined;
  return isJsonObject(task) ? task.id : undefined;
}

export type SendWebhook = (message: WebhookMessage, delaySeconds: number) => Promise<void>;

export const webhookSender =
  (client: SQSClient, queueUrl: string): SendWebhook =>
  async (message, delaySeconds) => {
    await client.send(
      new SendMessageCommand({
        QueueUrl: queueUrl,
        MessageBody: JSON.stringify(message),
        DelaySeconds: Math.min(Math.max(Math.ceil(delaySeconds), 0), MAX_DELAY_SECONDS),
      }),
    );
  };
