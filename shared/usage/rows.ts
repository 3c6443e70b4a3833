/**
 * The usage table: its keys, and the attributes of the rows that budgets and limits need. The partition key is `owner`,
 * the sort key `entry`.
 *
 *   budget                    what an owner may use
 *   month#2026-11             what is reserved and charged: of the month, and of each of its days, in one item
 *   running#<key id>          images in work for a key
 *   minute#<key id>#<minute>  requests of a key in this minute
 */

/** An owner's budget; what it does not name is not limited. Amounts are in millionths of the currency. */
export interface Budget {
  readonly images_per_day?: number;
  readonly images_per_month?: number;
  readonly amount_per_day?: number;
  readonly amount_per_month?: number;
  readonly currency?: string;
}

export const BUDGET = 'budget';

/** @param day `2026-11-24`, as everywhere in UTC */
export const monthEntry = (day: string): string => `month#${day.slice(0, 7)}`;
export const runningEntry = (keyId: string): string => `running#${keyId}`;
/** @param ms milliseconds since 1970 */
export const minuteEntry = (keyId: string, ms: number): string =>
  `minute#${keyId}#${new Date(ms).toISOString().slice(0, 16)}`;

/** @param ms milliseconds since 1970 */
export const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

/** The counters of a month's row that hold a task: images, and one amount for each currency. */
export interface CounterNames {
  readonly month: string;
  readonly day: string;
}

export const imageCounters = (day: string): CounterNames => ({ month: 'images', day: `d${dd(day)}_images` });
export const amountCounters = (day: string, currency: string): CounterNames => ({
  month: `amount_${currency}`,
  day: `d${dd(day)}_amount_${currency}`,
});

const dd = (day: string): string => day.slice(8, 10);
