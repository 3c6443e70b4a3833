/** What became of the tasks amid which the cloud was killed. */
import type { Task } from '../../../client/index.ts';
import { EVENT_SOURCE, TASK_CREATED } from '../../../shared/events/names.ts';
import type { TaskRecord } from '../../../shared/task/record.ts';
import type { CallbackEntry, TaskView } from '../../support/stand-in-client.ts';
import type { Verified } from '../verify.ts';

export interface KilledResult {
  readonly seed: string;
  /** Seconds after the start. */
  readonly kills: readonly number[];
  readonly tasks: number;
  readonly completed: number;
  /** Open: nobody knows its id at the provider and its callback was never taken; its 24 hours end it. */
  readonly waiting: number;
  readonly images: number;
  readonly creates: number;
  readonly events: number;
  readonly problems: readonly string[];
}

/** The ids of the outcome events, by task. */
export type OutcomeEvents = ReadonlyMap<string, readonly string[]>;

/** @param lines one event each; the last one before a kill may be torn */
export function outcomeEvents(lines: string): OutcomeEvents {
  const events = new Map<string, string[]>();
  for (const line of lines.split('\n')) {
    const event = parsed(line);
    if (event?.source !== EVENT_SOURCE || event['detail-type'] === TASK_CREATED) continue;
    const { id, task } = event.detail;
    events.set(task.id, [...(events.get(task.id) ?? []), id]);
  }
  return events;
}

interface Line {
  readonly source: string;
  readonly 'detail-type': string;
  readonly detail: { readonly id: string; readonly task: { readonly id: string } };
}

function parsed(line: string): Line | undefined {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

/** All that is known at the end. */
export interface KilledRun {
  readonly seed: string;
  readonly kills: readonly number[];
  readonly tasks: readonly Task[];
  readonly records: readonly TaskRecord[];
  /** Of the completed tasks. */
  readonly verified: Verified;
  readonly providers: readonly {
    readonly tasks: readonly TaskView[];
    readonly callbacks: readonly CallbackEntry[];
  }[];
  readonly events: OutcomeEvents;
}

export function killedResult(run: KilledRun): KilledResult {
  const { seed, kills, tasks, verified, events } = run;
  const created = run.providers.flatMap((provider) => provider.tasks);
  const creates = Map.groupBy(created, ({ prompt }) => prompt);
  const problems = [
    ...verified.problems,
    ...[...creates].flatMap(([prompt, { length }]) =>
      length > 1 ? `${prompt} was created ${length} times` : [],
    ),
    ...tasks.flatMap((task) => problemOf(run, task, creates.get(task.prompt)?.[0]) ?? []),
  ];
  return {
    seed,
    kills,
    tasks: tasks.length,
    completed: verified.completed,
    waiting: tasks.filter(isOpen).length,
    images: verified.images,
    creates: created.length,
    events: [...events.values()].flat().length,
    problems,
  };
}

const isOpen = ({ status }: Task): boolean => status === 'pending' || status === 'processing';

function problemOf(run: KilledRun, task: Task, atProvider: TaskView | undefined): string | undefined {
  const { id, status, error } = task;
  if (status === 'failed') return `${id} failed: ${error?.code} ${error?.message}`;
  if (isOpen(task)) return waitsInVain(run, id);
  if (!atProvider) return `${id} completed, and no provider has it`;
  const events = run.events.get(id) ?? [];
  if (events.length === 0) return `${id} completed without an event`;
  return new Set(events).size > 1 ? `${id} has events with several ids: ${events.join(', ')}` : undefined;
}

/** A task may wait only when its id at the provider is not known, and no callback of it was ever taken. */
function waitsInVain({ records, providers }: KilledRun, id: string): string | undefined {
  const record = records.find((each) => each.id === id);
  if (!record) return `${id} has no record`;
  if (record.provider_task_id !== undefined) return `${id} waits, although its id at the provider is known`;
  const isTaken = providers
    .flatMap(({ callbacks }) => callbacks)
    .some(({ url, status }) => status === 200 && url.includes(id));
  return isTaken ? `${id} waits, although its callback was taken` : undefined;
}

export function killReport(result: KilledResult): string {
  const { seed, kills, tasks, completed, waiting, images, creates, events, problems } = result;
  return [
    `killed ${kills.length} times, ${kills.map((at) => `at ${at.toFixed(1)} s`).join(', ')} (seed ${seed})`,
    `  ${tasks} tasks: ${completed} completed and verified with ${images} images, ${waiting} wait for the end of their day`,
    `  ${creates} creates at the providers, ${events} events of outcomes`,
    ...problems.map((problem) => `  ✗ ${problem}`),
    problems.length === 0 ? '  nothing lost, nothing created twice' : '',
  ].join('\n');
}
