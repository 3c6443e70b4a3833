/** What a task cost, in the reader's language. */
import type { Charge } from '../api/task.ts';

/** An image costs cents: what is smaller than one still counts. */
const DECIMALS = { minimumFractionDigits: 2, maximumFractionDigits: 6 };

/** @returns nothing when it is not known, or nothing was charged */
export function costOf(
  { amount, currency }: Charge,
  language: string,
  credits: (amount: string) => string,
): string | undefined {
  if (!amount || currency === null) return undefined;
  if (currency === 'credits')
    return credits(new Intl.NumberFormat(language, { maximumFractionDigits: 6 }).format(amount));
  return new Intl.NumberFormat(language, { style: 'currency', currency, ...DECIMALS }).format(amount);
}
