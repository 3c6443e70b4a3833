/**
 * Works off a batch of timers. Who receives a timer of an open task sends the next one before its own is deleted, so a
 * crash may double it but never loses it. Doubles end at the next message, because a record obeys one chain only:
 *
 *   message (chain A) ─► next (A) sent ─► crash                    … received again: it may have sent one already
 *   message (chain A) ─► next (B) sent ─► record obeys B ─► deleted
 *   next (A): older than B, dropped        next (B): goes on
 *
 * A chain is named when a timer is first sent on, and anew whenever a message was received more than once. The name is
 * written after the message is sent: whatever crashes, the chain that the record obeys has a message.
 */
import pLimit from 'p-limit';
import { decodeTime } from 'ulid';
import { hasEnded } from '../../shared/task/record.ts';
import type { TaskStore } from '../../shared/task/store.ts';
import { type DelayedTimer, MAX_DELAY_SECONDS, readTimer, type Timer } from '../../shared/task/timers.ts';
import { type CheckDependencies, type CheckedTask, check } from './check.ts';

export interface TimerMessage {
  readonly messageId: string;
  readonly body: string;
  /** How often it was received, this time included. */
  readonly receives: number;
}

export interface TimerDependencies extends CheckDependencies {
  readonly store: CheckDependencies['store'] & Pick<TaskStore, 'obeyChain'>;
  readonly readTasks: (ids: readonly string[]) => Promise<ReadonlyMap<string, CheckedTask>>;
  /** A ULID that nobody had before. @param time milliseconds since 1970 */
  readonly freshUlid: (time: number) => string;
  /** Puts timers into the queue that the messages came from. @returns those that it did not take, with the reason */
  readonly send: (timers: readonly DelayedTimer[]) => Promise<ReadonlyMap<DelayedTimer, unknown>>;
}

/** The messages of one task in a batch; the newest speaks for all. */
interface Group {
  readonly timer: Timer;
  readonly messageIds: readonly string[];
  /** Whether another message of the same chain may be on its way. */
  readonly isSuspect: boolean;
}

type Step =
  | { readonly kind: 'drop'; readonly why: string }
  | { readonly kind: 'send'; readonly next: DelayedTimer; readonly chain?: string }
  | { readonly kind: 'failed'; readonly error: unknown };

/** A batch of 100 reads that all time out after 10 s is done within 40 s. */
const READS_AT_A_TIME = 25;

/**
 * @returns the ids of the messages that must come again
 * @throws what the table throws when the tasks cannot be read: then all of them must
 */
export async function checkTimers(
  dependencies: TimerDependencies,
  messages: readonly TimerMessage[],
): Promise<string[]> {
  const { groups, unreadable } = groupsOf(messages);
  const tasks = await dependencies.readTasks(groups.map(({ timer }) => timer.task));
  const limit = pLimit(READS_AT_A_TIME);
  const planned = await limit.map(groups, (group) =>
    planFor(dependencies, tasks.get(group.timer.task), group),
  );
  const unsent = await dependencies.send(
    planned.flatMap((step) => (step.kind === 'send' ? [step.next] : [])),
  );
  const steps = await limit.map(planned, (step) => afterSend(dependencies, step, unsent));

  report(dependencies, messages, steps, unreadable);
  const failed = groups.filter((_, index) => steps[index]?.kind === 'failed');
  return [...unreadable, ...failed.flatMap(({ messageIds }) => messageIds)];
}

function groupsOf(messages: readonly TimerMessage[]): { groups: Group[]; unreadable: string[] } {
  const read = messages.map((message) => ({ message, timer: readTimer(message.body) }));
  const unreadable = read.flatMap(({ message, timer }) => (timer ? [] : [message.messageId]));
  const byTask = new Map<string, { message: TimerMessage; timer: Timer }[]>();
  for (const { message, timer } of read) {
    if (timer) byTask.set(timer.task, [...(byTask.get(timer.task) ?? []), { message, timer }]);
  }
  const groups = [...byTask.values()].map((members): Group => {
    const newest = members.reduce((a, b) => (chainOf(b.timer) > chainOf(a.timer) ? b : a));
    return {
      timer: newest.timer,
      messageIds: members.map(({ message }) => message.messageId),
      isSuspect: members.length > 1 || newest.message.receives > 1,
    };
  });
  return { groups, unreadable };
}

/** A message without a chain is older than every chain. */
const chainOf = ({ chain = '' }: Timer): string => chain;

async function planFor(
  dependencies: TimerDependencies,
  task: CheckedTask | undefined,
  { timer, isSuspect }: Group,
): Promise<Step> {
  if (!task || hasEnded(task.status)) return { kind: 'drop', why: 'ended' };
  if (chainOf(timer) < (task.timer_chain ?? '')) return { kind: 'drop', why: 'superseded' };
  try {
    const now = dependencies.now() / 1000;
    const next =
      timer.due !== undefined && timer.due > now ? timer : await checked(dependencies, task, timer);
    if (!next) return { kind: 'drop', why: 'done' };
    const wait = next.due === undefined ? 0 : Math.ceil(next.due - dependencies.now() / 1000);
    const isNew = isSuspect || timer.chain === undefined;
    const chain = isNew ? newChain(dependencies, timer.chain) : timer.chain;
    return {
      kind: 'send',
      next: { timer: { ...next, chain }, delaySeconds: Math.min(Math.max(wait, 0), MAX_DELAY_SECONDS) },
      ...(isNew && { chain }),
    };
  } catch (error) {
    return { kind: 'failed', error };
  }
}

/** @returns the timer of the next check, or nothing when the task needs none any more */
async function checked(
  dependencies: TimerDependencies,
  task: CheckedTask,
  { attempt, enqueued }: Timer,
): Promise<Timer | undefined> {
  const result = await check(dependencies, task, { attempt, ...(enqueued !== undefined && { enqueued }) });
  dependencies.telemetry.info('checked', { task: task.id, attempt, ...result });
  if (result.kind === 'done') return undefined;
  return {
    task: task.id,
    attempt: attempt + 1,
    due: Math.ceil(dependencies.now() / 1000) + result.seconds,
    ...(result.enqueued !== undefined && { enqueued: result.enqueued }),
  };
}

/** Greater than the one before, also where this machine's clock is behind. */
const newChain = ({ freshUlid, now }: TimerDependencies, before: string | undefined): string =>
  freshUlid(before === undefined ? now() : Math.max(now(), decodeTime(before) + 1));

async function afterSend(
  { store }: TimerDependencies,
  step: Step,
  unsent: ReadonlyMap<DelayedTimer, unknown>,
): Promise<Step> {
  if (step.kind !== 'send') return step;
  if (unsent.has(step.next)) return { kind: 'failed', error: unsent.get(step.next) };
  try {
    // A conflict is a newer chain, which has a message of its own.
    if (step.chain !== undefined) await store.obeyChain(step.next.timer.task, step.chain);
    return step;
  } catch (error) {
    return { kind: 'failed', error };
  }
}

function report(
  { telemetry }: TimerDependencies,
  messages: readonly TimerMessage[],
  steps: readonly Step[],
  unreadable: readonly string[],
): void {
  for (const step of steps) {
    if (step.kind === 'failed')
      telemetry.error('a timer failed, its message comes again', { error: step.error });
  }
  if (unreadable.length > 0) telemetry.error('messages are no timers', { messages: unreadable });
  const dropped = (why: string) => steps.filter((step) => step.kind === 'drop' && step.why === why).length;
  telemetry.info('timers received', {
    messages: messages.length,
    ended: dropped('ended'),
    superseded: dropped('superseded'),
    sent: steps.filter(({ kind }) => kind === 'send').length,
    failed: steps.filter(({ kind }) => kind === 'failed').length,
  });
}
