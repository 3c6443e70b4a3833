/**
 * Tells the bus when an owner's budget is used to 80 and to 100 %, once each: what was told is noted on the month's row.
 *
 *   change of a task that counters hold ─► budget, month's row ─► reached and not noted ─► event ─► noted
 *
 * Between the event and the note the function may die; then the event comes again, with the same id.
 */
import type { PutEventsRequestEntry } from '@aws-sdk/client-eventbridge';
import { budgetEvent } from '../../shared/events/budget-event.ts';
import { type BusDependencies, putEvents } from '../../shared/events/put-events.ts';
import type { TaskRecord } from '../../shared/task/record.ts';
import { type ReachedThreshold, reachedThresholds } from '../../shared/usage/thresholds.ts';
import type { BudgetStore } from './budget-store.ts';

export interface AnnounceDependencies {
  readonly bus: BusDependencies & { readonly busName: string };
  readonly budgets: BudgetStore;
  readonly now: () => number;
}

/** A day of an owner whose counters may have grown. */
interface OwnersDay {
  readonly owner: string;
  readonly day: string;
}

/** @throws when an event is not on the bus; then the same records may come again */
export async function announceThresholds(
  { bus, budgets, now }: AnnounceDependencies,
  records: readonly Partial<TaskRecord>[],
): Promise<void> {
  for (const { owner, day } of daysIn(records)) {
    const budget = await budgets.budgetOf(owner);
    const month = budget && (await budgets.monthOf(owner, day));
    if (!month) continue;
    const news = reachedThresholds(budget, month.counters, day).filter(({ mark }) => !month.told.has(mark));
    if (news.length === 0) continue;
    await putAll(bus, news, (reached) => budgetEvent(owner, reached, bus.busName, now()));
    await budgets.noteTold(
      owner,
      day,
      news.map(({ mark }) => mark),
    );
  }
}

async function putAll(
  bus: BusDependencies,
  news: readonly ReachedThreshold[],
  eventOf: (reached: ReachedThreshold) => PutEventsRequestEntry,
): Promise<void> {
  const { failed, refused, fault } = await putEvents(
    bus,
    news.map((reached) => ({ event: eventOf(reached) })),
  );
  if (fault !== undefined) throw fault;
  if (failed.length > 0) throw new Error(`${failed.length} events of budgets are not on the bus`);
  for (const { code } of refused) bus.telemetry.count('EventUnpublished', code);
}

function daysIn(records: readonly Partial<TaskRecord>[]): OwnersDay[] {
  const days = records.flatMap(({ owner, reservation, charge }) => {
    const day = reservation?.budget ? reservation.day : charge?.budget_day;
    return owner === undefined || day === undefined ? [] : [{ owner, day }];
  });
  return [...new Map(days.map((one) => [`${one.owner} ${one.day}`, one])).values()];
}
