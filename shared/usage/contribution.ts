/**
 * What one task adds to the ledger, as it stands: a function of its record alone. A change of the record adds the
 * difference, so that the sum over all changes is the sum over the tasks:
 *
 *   created    {requests 1, asked 2, reserved 4}
 *   completed  {requests 1, asked 2, reserved 4, completed 1, made 1, charged 2, released 2}
 *   added      {                                 completed 1, made 1, charged 2, released 2}
 */
import { hasEnded, type TaskRecord } from '../task/record.ts';

/** What a contribution depends on; the filters of the ledger's stream let through every change of it. */
export type Counted = Pick<TaskRecord, 'status' | 'submission' | 'asked' | 'charge' | 'lost'>;

/** By name, only what is not zero. Money is `reserved_USD`, in millionths. */
export type Counters = Readonly<Record<string, number>>;

/** What is counted in images or tasks. */
export const COUNTS = [
  'requests',
  'completed',
  'failed',
  /** Certainly nothing was created: failed for good, or still to be tried again. */
  'refused',
  'asked',
  'made',
  /** Made, and nobody can have them. */
  'lost',
  /** Charged for tasks of which nobody knows what was made. */
  'assumed',
  /** Made or assumed, and nobody knows what they cost. */
  'unpriced',
] as const;

/** What is counted in money: asked for; charged in the end; asked for and not charged. */
export const MONEY = ['reserved', 'charged', 'released'] as const;

export function contribution({ status, submission, asked, charge, lost = [] }: Counted): Counters {
  const hasOutcome = hasEnded(status);
  const isRefused = submission === 'refused';
  const ended = hasOutcome ? charge : undefined;
  const isAssumed = ended?.source === 'reserved';
  const images = ended?.images ?? 0;
  return countersOf({
    requests: 1,
    completed: Number(status === 'completed'),
    failed: Number(status === 'failed'),
    refused: Number(isRefused),
    asked: asked?.images,
    made: isAssumed ? 0 : images,
    lost: hasOutcome ? lost.length : 0,
    assumed: isAssumed ? images : 0,
    unpriced: ended?.amount === undefined ? images : 0,
    ...(asked?.currency !== undefined && {
      [`reserved_${asked.currency}`]: asked.amount,
      [`released_${asked.currency}`]: ended || isRefused ? notCharged(asked, ended) : 0,
    }),
    ...(ended?.currency !== undefined && { [`charged_${ended.currency}`]: ended.amount }),
  });
}

/** A charge in another currency leaves the whole reservation; one that is higher leaves nothing of it. */
function notCharged(asked: NonNullable<Counted['asked']>, charge: Counted['charge']): number {
  const charged = charge?.currency === asked.currency ? (charge?.amount ?? 0) : 0;
  return Math.max(0, (asked.amount ?? 0) - charged);
}

/** Nothing but integers that are not zero: what else stands in a record that a stranger wrote counts nothing. */
function countersOf(figures: Readonly<Record<string, number | undefined>>): Counters {
  return Object.fromEntries(
    Object.entries(figures).flatMap(([name, figure]) =>
      Number.isSafeInteger(figure) && figure !== 0 ? [[name, figure as number]] : [],
    ),
  );
}
