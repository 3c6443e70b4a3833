/**
 * Money, exactly: in millionths of a currency, as integers. A currency is an ISO 4217 code, or `credits`: what a provider
 * counts in instead.
 *
 *   '0.0623' USD  ─microOf─►  62300  ─amountOf─►  0.0623
 */

const MICRO = 1_000_000;
/** A billion: as an integer of millionths it is still exact, and so are sums of nine of them. */
const MOST = 1_000_000_000;

/** Of a provider's own, worth what its price list says. */
export const CREDITS = 'credits';

/** Whether it is one of ISO 4217, in capitals, or `credits`. */
export const isCurrency = (code: string): boolean =>
  code === CREDITS || Intl.supportedValuesOf('currency').includes(code);

/**
 * @param amount of the currency: a number, or a decimal as text
 * @returns millionths, rounded to the nearest; nothing for what is no amount: negative, over a billion, or no decimal
 */
export function microOf(amount: unknown): number | undefined {
  const isDecimal = typeof amount === 'number' || (typeof amount === 'string' && DECIMAL.test(amount));
  const number = isDecimal ? Number(amount) : Number.NaN;
  return number >= 0 && number <= MOST ? Math.round(number * MICRO) : undefined;
}

const DECIMAL = /^\d{1,10}(\.\d{1,30})?$/;

/** @returns the amount of the currency, with at most six decimals */
export const amountOf = (micro: number): number => micro / MICRO;
