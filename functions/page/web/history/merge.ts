/** The history as the page shows it, from what the API lists and what the page knows already. */
import { isRunning, type Task } from '../api/task.ts';
import { submissionOf } from '../compose/remember.ts';

export interface Known {
  readonly task: Task;
  /** When the page submitted it itself; milliseconds since 1970. */
  readonly submittedAt?: number | undefined;
}

/** The list is read from an index that follows the table; for so long a task of ours may be missing there. */
const CATCH_UP_MS = 60_000;

/**
 * What is listed, newest first, and what was submitted here and is not listed yet. An end that is known is never taken
 * back by an index that lags behind.
 */
export function merged(known: readonly Known[], listed: readonly Task[], now: number): Known[] {
  const before = new Map(known.map((one) => [one.task.id, one]));
  const shown = listed.map((task): Known => {
    const old = before.get(task.id);
    return old && !isRunning(old.task) && isRunning(task) ? old : { ...old, task };
  });
  const ids = new Set(listed.map(({ id }) => id));
  const awaited = known.filter(
    ({ task, submittedAt }) =>
      !ids.has(task.id) && submittedAt !== undefined && now - submittedAt < CATCH_UP_MS,
  );
  return [...awaited, ...shown];
}

export type Filter = 'all' | 'running' | 'completed' | 'failed';

/**
 * Without what was never created: it is kept as pending for a while, and nothing runs.
 * @param sent submissions that are on their way and are shown as such: their tasks may be listed already
 * @param hidden ids that a person does not want to see in this browser
 */
export function visible(
  tasks: readonly Task[],
  { sent, hidden }: { readonly sent: ReadonlySet<string>; readonly hidden: ReadonlySet<string> },
): Task[] {
  return tasks.filter(
    (task) => !task.not_created && !hidden.has(task.id) && !sent.has(submissionOf(task) ?? ''),
  );
}

export function filtered(tasks: readonly Task[], filter: Filter): Task[] {
  if (filter === 'all') return [...tasks];
  return tasks.filter((task) => (filter === 'running' ? isRunning(task) : task.status === filter));
}

export function countsOf(tasks: readonly Task[]) {
  return {
    running: tasks.filter(isRunning).length,
    completed: tasks.filter(({ status }) => status === 'completed').length,
    failed: tasks.filter(({ status }) => status === 'failed').length,
  };
}
