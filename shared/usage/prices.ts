/**
 * What an image costs, as the operator's setting `prices` says: by model, and by size where it matters. A model without an
 * entry has no known price, which is not the price 0.
 */
import type { ImageRequest } from '../models/read-request.ts';
import type { Asked } from '../task/record.ts';
import { microOf } from './money.ts';

export interface Price {
  /** Of one image, in the currency. */
  readonly amount: number;
  readonly currency: string;
  /** Amounts that differ, by size: `1280*1280` or `1280x1280`. */
  readonly sizes?: Readonly<Record<string, number>> | undefined;
}

export type Prices = Readonly<Record<string, Price | undefined>>;

/** What a request may be charged in advance: the images it asks for, and what they cost if that is known. */
export function askedOf({ model, asked }: Pick<ImageRequest, 'model' | 'asked'>, prices: Prices): Asked {
  const { images, size } = asked;
  const price = prices[model.name];
  const unit = price && microOf(ofSize(price, size));
  return price && unit !== undefined
    ? { images, amount: unit * images, currency: price.currency }
    : { images };
}

function ofSize({ amount, sizes = {} }: Price, size: string | undefined): number {
  const found = Object.entries(sizes).find(([name]) => size !== undefined && sameSize(name, size));
  return found ? found[1] : amount;
}

/** Models separate width and height by `x` or by `*`. */
const sameSize = (one: string, other: string): boolean => one.replace('*', 'x') === other.replace('*', 'x');
