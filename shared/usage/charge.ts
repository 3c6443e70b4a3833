/** What a task is charged: the provider's figure where it reports one, else the operator's price for what was made. */
import type { Asked, Charge } from '../task/record.ts';

/** A figure that a provider reported, in millionths of the currency. */
export interface ProviderCost {
  readonly amount: number;
  readonly currency: string;
  /** `made`: the charge itself. `asked`: what it reserved for the images asked for, of which it charges the part that it made. */
  readonly covers: 'made' | 'asked';
}

/** Certainly nothing was created. */
export const nothingCharged = (asked: Asked | undefined): Charge => ({
  images: 0,
  amount: 0,
  ...(asked?.currency !== undefined && { currency: asked.currency }),
  source: 'none',
});

/** Nobody knows what came of it, and the provider has charged in advance; nothing for a record that does not say what was asked. */
export const assumedCharge = (asked: Asked | undefined): Charge | undefined =>
  asked && { ...asked, source: 'reserved' };

/**
 * A model that the operator has priced is charged in that price's currency, so that budgets can be kept: a provider's
 * figure in another currency then does not count.
 * @param made images that the provider generated, also those that we could not keep
 */
export function chargeOf(asked: Asked | undefined, made: number, reported: ProviderCost | undefined): Charge {
  const cost =
    reported && (asked?.currency ?? reported.currency) === reported.currency ? reported : undefined;
  if (cost?.covers === 'made') {
    return { images: made, amount: cost.amount, currency: cost.currency, source: 'provider' };
  }
  if (made === 0) return nothingCharged(asked);
  const part = (amount: number) => Math.round((amount * made) / (asked?.images ?? made));
  if (cost) return { images: made, amount: part(cost.amount), currency: cost.currency, source: 'provider' };
  if (asked?.amount === undefined || asked.currency === undefined)
    return { images: made, source: 'provider' };
  return { images: made, amount: part(asked.amount), currency: asked.currency, source: 'prices' };
}
