/**
 * Whether a key and its owner may ask for this now. Where nothing is set, nothing is read and nothing is written.
 *
 *   models of the key ─► requests a minute ─► budget: is there a price, and room at all ─► (the intent reserves)
 */
import type { Caller } from '../../shared/security/api-keys.ts';
import type { Asked, TaskRecord } from '../../shared/task/record.ts';
import type { Hold } from '../../shared/usage/counters.ts';
import type { Budget } from '../../shared/usage/rows.ts';
import type { UsageStore } from '../../shared/usage/usage-table.ts';
import {
  type Denied,
  modelNotAllowed,
  moreThanAtOnce,
  overBudget,
  tooManyRequests,
  withoutPrice,
} from './denials.ts';

export interface AdmitDependencies {
  readonly usage: UsageStore;
  readonly now: () => number;
}

export type Admission = { readonly kind: 'admitted'; readonly hold: Hold } | Denied;

/** @param intent what would be recorded */
export async function admit(
  { usage, now }: AdmitDependencies,
  caller: Caller,
  { model, asked = { images: 0 } }: Pick<TaskRecord, 'model' | 'asked'>,
): Promise<Admission> {
  const { models, requests_per_minute: perMinute, images_at_once: imagesAtOnce } = caller.limits ?? {};
  if (models && !models.includes(model)) return modelNotAllowed(model, models);
  if (perMinute !== undefined && !(await usage.countRequest(caller, perMinute, now())))
    return tooManyRequests(perMinute, now());
  if (imagesAtOnce !== undefined && asked.images > imagesAtOnce) return moreThanAtOnce(asked, imagesAtOnce);

  const budget = caller.budgeted && (await usage.budgetOf(caller.owner));
  const refusal = budget && refusalOf(budget, model, asked, now());
  return refusal ?? { kind: 'admitted', hold: { budget: budget || undefined, imagesAtOnce } };
}

/** What no state of the counters would change. */
function refusalOf(budget: Budget, model: string, asked: Asked, now: number): Denied | undefined {
  const { amount_per_day, amount_per_month, currency } = budget;
  const limitsMoney = amount_per_day !== undefined || amount_per_month !== undefined;
  // A budget in money cannot be kept by guessing.
  if (limitsMoney && (asked.amount === undefined || asked.currency !== currency))
    return withoutPrice(model, currency);
  return overBudget(budget, asked, {}, now);
}
