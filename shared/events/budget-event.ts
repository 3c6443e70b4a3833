/** The event of a budget that has been used to a threshold (docs/events.md). */
import type { PutEventsRequestEntry } from '@aws-sdk/client-eventbridge';
import { amountOf } from '../usage/money.ts';
import type { ReachedThreshold } from '../usage/thresholds.ts';
import { BUDGET_THRESHOLD, EVENT_SOURCE } from './names.ts';

export interface BudgetEventDetail {
  readonly version: '1';
  /** The same however often the event comes. */
  readonly id: string;
  /** When it was seen; ISO 8601. */
  readonly occurred_at: string;
  readonly owner: string;
  readonly budget: {
    readonly period: 'day' | 'month';
    /** `2026-11-24` or `2026-11`, in UTC. */
    readonly of: string;
    readonly measure: 'images' | 'amount';
    /** Of an amount; null for images. */
    readonly currency: string | null;
    readonly limit: number;
    readonly used: number;
    readonly percent: number;
  };
}

/** @param now milliseconds since 1970 */
export function budgetEvent(
  owner: string,
  reached: ReachedThreshold,
  busName: string,
  now: number,
): PutEventsRequestEntry {
  const { period, of, measure, currency, limit, used, percent } = reached;
  const shown = (figure: number) => (measure === 'amount' ? amountOf(figure) : figure);
  const detail: BudgetEventDetail = {
    version: '1',
    id: `${owner}:${of}:${reached.mark}`,
    occurred_at: new Date(now).toISOString(),
    owner,
    budget: {
      period,
      of,
      measure,
      currency: currency ?? null,
      limit: shown(limit),
      used: shown(used),
      percent,
    },
  };
  return {
    EventBusName: busName,
    Source: EVENT_SOURCE,
    DetailType: BUDGET_THRESHOLD,
    Time: new Date(now),
    Detail: JSON.stringify(detail),
  };
}
