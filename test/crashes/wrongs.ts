/** What must be so when a task has come to its end, however it came there. */
import { createHash } from 'node:crypto';
import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import { GetObjectCommand } from '@aws-sdk/client-s3';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { output } from '../../infra/local/deploy.ts';
import type { PublicTask } from '../../shared/task/public-task.ts';
import type { TaskRecord } from '../../shared/task/record.ts';
import { dayOf, monthEntry, runningEntry } from '../../shared/usage/rows.ts';
import type { Kind } from './kinds.ts';
import { countersOf, type Place } from './place.ts';
import type { Walked } from './points.ts';

export interface Run {
  readonly kind: Kind;
  readonly id: string;
  readonly prompt: string;
  readonly headers: Record<string, string>;
  readonly owner: string;
  /** The ids of its events that were heard. */
  readonly events: readonly string[];
  /** Which function is to die. */
  readonly died: Walked | undefined;
  /** Whether its 24 hours were made to pass. */
  isGivenUp: boolean;
}

export async function wrongs(
  place: Place,
  run: Run,
): Promise<{ readonly problems: readonly string[]; readonly hasEnded: boolean }> {
  const { cloud } = place.deployment;
  const answer = await fetch(`${cloud.apiUrl}/v1/tasks/${run.id}`, { headers: run.headers });
  const task = (await answer.json()) as PublicTask;
  const hasEnded = task.status === 'completed' || task.status === 'failed';
  if (!hasEnded) return { problems: [`the task is ${task.status}`], hasEnded };
  const problems = [
    ...outcomeProblems(run, task),
    ...(await imageProblems(place, task)),
    ...(await createProblems(place, run)),
    ...eventProblems(run, task),
    ...webhookProblems(place, run, task),
    ...(await counterProblems(place, run)),
    ...cloud.queues().flatMap((queue) => {
      const left = queue.peek().filter(({ body }) => body.includes(run.id)).length;
      return left > 0 ? [`${left} messages of it are left in ${queue.name}`] : [];
    }),
  ];
  return { problems, hasEnded };
}

function outcomeProblems({ kind, isGivenUp }: Run, { status, error, images }: PublicTask): string[] {
  if (isGivenUp) {
    const isRight = status === 'failed' && error?.code === 'provider_timeout';
    return isRight ? [] : [`given up, it is ${status} (${error?.code})`];
  }
  if (status !== 'completed') return [`it failed: ${error?.code} ${error?.message}`];
  return images.length === kind.images ? [] : [`it has ${images.length} images`];
}

async function imageProblems({ s3 }: Place, { images }: PublicTask): Promise<string[]> {
  const problems: string[] = [];
  for (const { s3: where, sha256 } of images) {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: where.bucket, Key: where.key }));
    const bytes = await Body!.transformToByteArray();
    const digest = createHash('sha256').update(bytes).digest('hex');
    if (digest !== sha256) problems.push(`${where.key} has other bytes than the record says`);
  }
  return problems;
}

/** One create at the provider; of a task that was given up there may be none. */
async function createProblems({ providers }: Place, { kind, prompt, isGivenUp }: Run): Promise<string[]> {
  const tasks = await providers[kind.provider].tasks();
  const creates = tasks.filter((task) => task.prompt === prompt).length;
  return creates === 1 || (isGivenUp && creates === 0) ? [] : [`it was created ${creates} times`];
}

function eventProblems({ id, events }: Run, { status }: PublicTask): string[] {
  const heard = [...new Set(events)].sort().join(', ');
  const due = [`${id}:created`, `${id}:${status}`].sort().join(', ');
  return heard === due ? [] : [`its events are ${heard || 'none'}`];
}

function webhookProblems({ outside }: Place, { kind, id }: Run, task: PublicTask): string[] {
  if (!kind.webhook) return [];
  const taken = new Set(outside.webhooks.filter((webhook) => webhook.startsWith(id)));
  const isRight = taken.size === 1 && taken.has(`${id}:${task.status}`);
  return [
    ...(isRight ? [] : [`its webhooks are ${[...taken].join(', ') || 'none'}`]),
    ...(task.callback?.status === 'delivered' ? [] : [`its webhook is ${task.callback?.status}`]),
  ];
}

/** Nothing is running any more, and the images are charged to the budget once. */
async function counterProblems(place: Place, { owner, kind }: Run): Promise<string[]> {
  if (!kind.bound) return [];
  const { images: running = 0 } = await countersOf(place, owner, runningEntry(owner));
  const { images: charged = 0 } = await countersOf(place, owner, monthEntry(dayOf(Date.now())));
  return [
    ...(running === 0 ? [] : [`${running} images of the key are still counted as running`]),
    ...(charged === kind.images ? [] : [`${charged} images are charged to the budget`]),
  ];
}

/**
 * Whether the task is one that no design saves: submit died around the create, so nobody knows its id at the provider, which
 * has no task of it or never calls back (docs/decisions/acceptances.md).
 */
export async function isStranded(place: Place, { kind, id, prompt }: Run): Promise<boolean> {
  const { Item } = await place.dynamodb.send(
    new GetItemCommand({
      TableName: output(place.deployment.cloud, 'TasksTable'),
      Key: marshall({ id }),
      ConsistentRead: true,
    }),
  );
  const record = Item && (unmarshall(Item) as TaskRecord);
  if (record?.submission !== 'unconfirmed' || record.provider_task_id !== undefined) return false;
  const { cloud } = place.deployment;
  if (
    cloud
      .queues()
      .some((queue) => queue.peek().some(({ body }) => body.includes('acceptance') && body.includes(id)))
  )
    return false;
  const tasks = await place.providers[kind.provider].tasks();
  return kind.provider === 'vtrix' || !tasks.some((task) => task.prompt === prompt);
}
