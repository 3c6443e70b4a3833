/**
 * Counts the tasks that are open longer than any should be: a provider forgets a task after 24 hours, and `check` gives it
 * up then. What it finds is a task that nothing reminds of any more, so it reads the table and trusts no timer
 * (docs/decisions/daily-sweep.md).
 *
 *   index of keys ─► those that were created 25 to 73 hours ago ─► their records, 100 at a time ─► the open ones
 */
import type { Telemetry } from '../../shared/runtime/telemetry.ts';
import { createdMoment, hasEnded, type TaskRecord } from '../../shared/task/record.ts';

/** What is read of a record. */
export const sweptAttributes = ['id', 'status', 'submission', 'provider', 'created', 'reported_at'] as const;
export type SweptTask = Pick<TaskRecord, (typeof sweptAttributes)[number]>;

export interface SweepDependencies {
  /** Pages of ids of the tasks whose `created_id` lies between these two. */
  readonly pages: (first: string, last: string) => AsyncIterable<readonly string[]>;
  /** @param ids at most 100 */
  readonly readTasks: (ids: readonly string[]) => Promise<ReadonlyMap<string, SweptTask>>;
  readonly telemetry: Telemetry;
  readonly now: () => number;
}

export interface Swept {
  readonly looked: number;
  readonly open: number;
}

const HOUR_MS = 3_600_000;
/** A task is given up after 24 hours, by a timer that may be some minutes late. */
const OPEN_TOO_LONG_MS = 25 * HOUR_MS;
/** Two days: a sweep that failed is made up for by the next one, and a task that stays open rings twice. */
const LOOK_BACK_MS = 48 * HOUR_MS;
const AT_ONCE = 100;
/** More of them are all of one cause, and a log line has its limits. */
const MOST_NAMED = 100;

/** @throws what the table throws when something cannot be read: then nothing is counted, and Lambda tries again */
export async function sweep({ pages, readTasks, telemetry, now }: SweepDependencies): Promise<Swept> {
  const last = now() - OPEN_TOO_LONG_MS;
  let looked = 0;
  let open = 0;
  for await (const ids of pages(createdMoment(last - LOOK_BACK_MS), createdMoment(last))) {
    for (let from = 0; from < ids.length; from += AT_ONCE) {
      const tasks = await readTasks(ids.slice(from, from + AT_ONCE));
      for (const task of [...tasks.values()].filter(({ status }) => !hasEnded(status))) {
        open += 1;
        if (open <= MOST_NAMED) tellOf(telemetry, task, now());
      }
    }
    looked += ids.length;
  }
  telemetry.measure({ OpenBeyond25Hours: open });
  telemetry.info('swept', { looked, open });
  return { looked, open };
}

function tellOf(telemetry: Telemetry, task: SweptTask, now: number): void {
  telemetry.error('a task has been open for more than 25 hours', {
    task: task.id,
    provider: task.provider,
    status: task.status,
    submission: task.submission,
    hours: Math.floor((now / 1000 - task.created) / 3600),
    // Its outcome is known then, and waits to be recorded.
    reportedAt: task.reported_at,
  });
}
