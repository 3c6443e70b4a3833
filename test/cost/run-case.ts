/** Runs one of the cases on a local cloud, from the request to the last message that it leaves. */
import { randomUUID } from 'node:crypto';
import { type DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import type { LocalCloud } from '../../infra/local/cloud/index.ts';
import { eventually } from '../support/eventually.ts';
import type { Case } from './cases.ts';

export interface Target {
  readonly cloud: LocalCloud;
  readonly dynamodb: DynamoDBClient;
  readonly apiKey: string;
  /** Of an owner with a budget, for a case that has one. */
  readonly budgetedKey?: string;
  readonly tasksTable: string;
  /** Where webhooks go, for a case that has one. */
  readonly receiver?: string;
}

/** With an `Idempotency-Key`, as docs/callers.md advises. @returns the task's id, when it has ended */
export async function runTask(target: Target, { body, hasWebhook, hasBudget }: Case): Promise<string> {
  const response = await fetch(`${target.cloud.apiUrl}/v1/images/generations`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${hasBudget ? target.budgetedKey : target.apiKey}`,
      'content-type': 'application/json',
      'idempotency-key': randomUUID(),
    },
    body: JSON.stringify({ ...body, ...(hasWebhook && { callback_url: target.receiver }) }),
  });
  const { id } = (await response.json()) as { id: string };
  if (response.status !== 200) throw new Error(`the task was answered with ${response.status}`);
  await eventually(() => hasEnded(target, id), `the end of ${id}`);
  await target.cloud.idle();
  return id;
}

/** Read from outside, which is nobody's cost. */
async function hasEnded({ dynamodb, tasksTable }: Target, id: string): Promise<boolean> {
  const { Item } = await dynamodb.send(
    new GetItemCommand({ TableName: tasksTable, Key: { id: { S: id } }, ConsistentRead: true }),
  );
  const status = Item?.status?.S;
  if (status === 'failed') throw new Error(`${id} has failed: ${JSON.stringify(Item?.error)}`);
  return status === 'completed';
}

/** Lets the timers of tasks that have ended come now, and be dropped. */
export async function ringTimers({ cloud }: Target): Promise<void> {
  for (const name of ['Overdue', 'Status']) {
    const queue = cloud.queue(`Timers${name}Queue`);
    queue.makeAllVisible();
    await eventually(
      () => Object.values(queue.depth()).every((count) => count === 0),
      `the timers in ${name}`,
    );
  }
  await cloud.idle();
}
