/** Which thresholds of an owner's budget are reached, by the counters of its month. */
import { amountCounters, type Budget, type CounterNames, imageCounters } from './rows.ts';

export const THRESHOLDS = [80, 100] as const;

export interface ReachedThreshold {
  readonly period: 'day' | 'month';
  /** `2026-11-24` or `2026-11`. */
  readonly of: string;
  readonly measure: 'images' | 'amount';
  readonly currency?: string;
  /** Images, or millionths of the currency. */
  readonly limit: number;
  readonly used: number;
  readonly percent: (typeof THRESHOLDS)[number];
  /** Names it in the month's row: another limit is another threshold. */
  readonly mark: string;
}

interface Limit extends Pick<ReachedThreshold, 'period' | 'of' | 'measure' | 'currency'> {
  readonly limit: number | undefined;
  readonly counter: string;
}

/**
 * @param month the counters of the month's row
 * @param day `2026-11-24`
 */
export function reachedThresholds(
  budget: Budget,
  month: Readonly<Record<string, unknown>>,
  day: string,
): ReachedThreshold[] {
  return limitsOf(budget, day).flatMap(({ limit, counter, ...rest }) => {
    const used = Number(month[counter] ?? 0);
    // Nothing is used of a limit of 0 either; a task of such an owner is refused.
    if (!limit) return [];
    const name = `${rest.period}_${rest.of}_${rest.currency ?? rest.measure}_${limit}`;
    return THRESHOLDS.filter((percent) => used * 100 >= limit * percent).map((percent) => ({
      ...rest,
      limit,
      used,
      percent,
      mark: `${name}_${percent}`,
    }));
  });
}

function limitsOf(budget: Budget, day: string): Limit[] {
  const { images_per_day, images_per_month, amount_per_day, amount_per_month, currency } = budget;
  const both = (
    names: CounterNames,
    perDay: number | undefined,
    perMonth: number | undefined,
    measured: Pick<Limit, 'measure' | 'currency'>,
  ): Limit[] => [
    { period: 'day', of: day, limit: perDay, counter: names.day, ...measured },
    { period: 'month', of: day.slice(0, 7), limit: perMonth, counter: names.month, ...measured },
  ];
  return [
    ...both(imageCounters(day), images_per_day, images_per_month, { measure: 'images' }),
    ...(currency === undefined
      ? []
      : both(amountCounters(day, currency), amount_per_day, amount_per_month, {
          measure: 'amount',
          currency,
        })),
  ];
}
