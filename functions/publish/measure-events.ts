/** What the dashboard shows of tasks: measured where each task is seen once, when its event is on the bus. */
import type { Measures } from '../../shared/runtime/metrics.ts';
import type { Telemetry } from '../../shared/runtime/telemetry.ts';
import { hasEnded, type TaskRecord } from '../../shared/task/record.ts';
import { amountOf } from '../../shared/usage/money.ts';

export interface MeasureDependencies {
  readonly telemetry: Telemetry;
  readonly now: () => number;
}

/** One line for each model, and one for each of its currencies. @param tasks as their events show them */
export function measureEvents({ telemetry, now }: MeasureDependencies, tasks: readonly TaskRecord[]): void {
  for (const [model, ofModel] of groupsBy(tasks, ({ model }) => model)) {
    telemetry.measure(measuresOf(ofModel, now()), { model });
    const charged = ofModel.flatMap(({ charge }) => charge ?? []);
    for (const [currency, charges] of groupsBy(charged, (charge) => charge.currency)) {
      const amount = amountOf(sum(charges.map(({ amount = 0 }) => amount)));
      if (currency !== undefined && amount > 0) telemetry.measure({ Charged: amount }, { model, currency });
    }
  }
}

function measuresOf(tasks: readonly TaskRecord[], now: number): Measures {
  const completed = tasks.filter(({ status }) => status === 'completed');
  const failed = tasks.filter(({ status }) => status === 'failed');
  const created = tasks.filter(({ status }) => !hasEnded(status));
  const delays = tasks.flatMap(({ heard_ms }) => (heard_ms === undefined ? [] : Math.max(now - heard_ms, 0)));
  const bytes = completed.flatMap(({ images = [] }) => images.map((image) => image.bytes));
  return {
    ...(created.length > 0 && { TaskCreated: created.length }),
    ...(completed.length > 0 && { TaskCompleted: completed.length, ArchivedBytes: sum(bytes) }),
    ...(failed.length > 0 && { TaskFailed: failed.length }),
    ...(delays.length > 0 && { CallbackToEvent: delays }),
  };
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

function groupsBy<T, K>(items: readonly T[], keyOf: (item: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return groups;
}
