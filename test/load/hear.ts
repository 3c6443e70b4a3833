/** What arrives on the bus while tasks run: each outcome, how often, and when first. */
import type { LocalCloud } from '../../infra/local/cloud/index.ts';
import { EVENT_SOURCE, TASK_CREATED } from '../../shared/events/names.ts';
import type { TaskEventDetail } from '../../shared/events/task-event.ts';

export interface Outcomes {
  /** Milliseconds since 1970 of the first event of each task's outcome. */
  readonly heardAt: ReadonlyMap<string, number>;
  /** Events beyond the first of a task, whatever their id. */
  readonly repeated: number;
}

export function hearOutcomes(cloud: LocalCloud): Outcomes {
  const heardAt = new Map<string, number>();
  let repeated = 0;
  cloud.onEvent(({ source, 'detail-type': type, detail }) => {
    if (source !== EVENT_SOURCE || type === TASK_CREATED) return;
    const { task } = detail as TaskEventDetail;
    if (heardAt.has(task.id)) repeated += 1;
    else heardAt.set(task.id, Date.now());
  });
  return {
    heardAt,
    get repeated() {
      return repeated;
    },
  };
}
