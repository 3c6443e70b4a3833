/** What callers and operators see of the ledger's counters (docs/usage.md). */
import { COUNTS, type Counters, MONEY } from './contribution.ts';
import { amountOf } from './money.ts';

export interface PublicUsage {
  readonly requests: number;
  readonly completed: number;
  readonly failed: number;
  readonly refused: number;
  readonly images: {
    readonly asked: number;
    readonly made: number;
    readonly lost: number;
    readonly assumed: number;
    readonly unpriced: number;
  };
  /** One for each currency; none where no price is known. */
  readonly money: readonly PublicMoney[];
}

export interface PublicMoney {
  readonly currency: string;
  readonly reserved: number;
  readonly charged: number;
  readonly released: number;
}

export function publicUsage(counters: Counters): PublicUsage {
  const [requests, completed, failed, refused, asked, made, lost, assumed, unpriced] = COUNTS.map(
    (name) => counters[name] ?? 0,
  ) as [number, number, number, number, number, number, number, number, number];
  const money = currenciesIn(counters).map((currency) => {
    const [reserved, charged, released] = MONEY.map((name) =>
      amountOf(counters[`${name}_${currency}`] ?? 0),
    ) as [number, number, number];
    return { currency, reserved, charged, released };
  });
  return {
    requests,
    completed,
    failed,
    refused,
    images: { asked, made, lost, assumed, unpriced },
    money,
  };
}

function currenciesIn(counters: Counters): string[] {
  const found = Object.keys(counters).flatMap((name) => {
    const currency = new RegExp(`^(?:${MONEY.join('|')})_(.+)$`).exec(name)?.[1];
    return currency === undefined ? [] : [currency];
  });
  return [...new Set(found)].sort();
}
