/**
 * Timers: messages that remind `check` of a task. They wait as delayed messages, of which a queue holds any number, while
 * at most 120,000 may be hidden at a time (docs/decisions/waiting-at-scale.md). A delay lasts 15 minutes at the most, so
 * a longer wait is a chain of messages, each sent by who received the one before.
 */
import { SendMessageBatchCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { parseJsonObject } from '../runtime/json.ts';

/** It holds no text of a caller or a provider: SQS refuses some characters, and a timer must never be refused. */
export interface Timer {
  /** The task's id. */
  readonly task: string;
  /** Which check of the task it is for, from 1 on. */
  readonly attempt: number;
  /** When the check is due, in seconds since 1970; absent in the message that `publish` sends: when it is received. */
  readonly due?: number;
  /** How often an outcome was already put into the callbacks queue; absent for none. */
  readonly enqueued?: number;
  /** Names the chain that the message belongs to; a greater one is newer. Absent in the message that `publish` sends. */
  readonly chain?: string;
}

export interface DelayedTimer {
  readonly timer: Timer;
  readonly delaySeconds: number;
}

/** What SQS delays a message by at the most. */
export const MAX_DELAY_SECONDS = 900;
/** What SQS takes in one call. */
const MAX_ENTRIES = 10;

/** @returns nothing when the text is no timer */
export function readTimer(body: string): Timer | undefined {
  const { task, attempt, due, enqueued, chain } = parseJsonObject(body) ?? {};
  // A key that DynamoDB refuses would make it refuse the whole batch.
  if (typeof task !== 'string' || !/^[\x21-\x7e]{1,128}$/.test(task)) return undefined;
  if (typeof attempt !== 'number') return undefined;
  return {
    task,
    attempt,
    ...(typeof due === 'number' && { due }),
    ...(typeof enqueued === 'number' && { enqueued }),
    ...(typeof chain === 'string' && { chain }),
  };
}

/** Sends timers, ten a call. @returns those that SQS did not take, each with the reason; throws nothing */
export async function sendTimers(
  client: SQSClient,
  queueUrl: string,
  timers: readonly DelayedTimer[],
): Promise<Map<DelayedTimer, unknown>> {
  const failed = new Map<DelayedTimer, unknown>();
  for (let from = 0; from < timers.length; from += MAX_ENTRIES) {
    const group = timers.slice(from, from + MAX_ENTRIES);
    for (const [index, reason] of await sendGroup(client, queueUrl, group)) failed.set(group[index]!, reason);
  }
  return failed;
}

async function sendGroup(
  client: SQSClient,
  QueueUrl: string,
  group: readonly DelayedTimer[],
): Promise<[index: number, reason: unknown][]> {
  const Entries = group.map(({ timer, delaySeconds }, index) => ({
    Id: String(index),
    MessageBody: JSON.stringify(timer),
    DelaySeconds: delaySeconds,
  }));
  try {
    const { Failed = [] } = await client.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
    return Failed.map(({ Id, Code }) => [Number(Id), Code]);
  } catch (error) {
    return group.map((_, index) => [index, error]);
  }
}
