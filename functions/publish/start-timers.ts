/** Starts the timers of open tasks: a message in the overdue or the status queue, which `check` receives. */
import type { SQSClient } from '@aws-sdk/client-sqs';
import { callsBack } from '../../shared/providers/definitions.ts';
import type { Telemetry } from '../../shared/runtime/telemetry.ts';
import { sendTimers } from '../../shared/task/timers.ts';
import type { OpenTask, PublishDependencies } from './publish.ts';

export interface TimerQueue {
  readonly url: string;
  /** How long a task is left alone before its first check. */
  readonly delaySeconds: number;
}

export interface TimerQueues {
  /** Of tasks whose provider calls back. */
  readonly overdue: TimerQueue;
  /** Of tasks whose provider never does. */
  readonly status: TimerQueue;
}

/** A task whose record comes again from the stream gets a second timer, of which `check` drops one. */
export function timerStarter(
  client: SQSClient,
  { overdue, status }: TimerQueues,
  telemetry: Telemetry,
): PublishDependencies['startTimers'] {
  const start = async ({ url, delaySeconds }: TimerQueue, tasks: readonly OpenTask[]) => {
    const timers = tasks.map(({ id }) => ({ timer: { task: id, attempt: 1 }, delaySeconds }));
    const failed = await sendTimers(client, url, timers);
    for (const [{ timer }, error] of failed) {
      telemetry.error('a timer could not be started', { task: timer.task, error });
    }
    return [...failed.keys()].map(({ timer }) => timer.task);
  };
  return async (tasks) => {
    const failed = await Promise.all([
      start(
        overdue,
        tasks.filter(({ provider }) => callsBack(provider)),
      ),
      start(
        status,
        tasks.filter(({ provider }) => !callsBack(provider)),
      ),
    ]);
    return new Set(failed.flat());
  };
}
