/** What the options of `npm run keys` may be: each is read whole, or refused with what is allowed. */
import { modelNames } from '../../../shared/providers/definitions.ts';
import { isCurrency, microOf } from '../../../shared/usage/money.ts';

/** The command was called wrongly: nothing was changed. */
export class BadInput extends Error {
  override readonly name = 'BadInput';
}

/** A value to set, `null` to clear it; nothing where it stays. */
export type Change<T> = { readonly [K in keyof T]?: T[K] | null };

const MOST_SECONDS = 90 * 86_400;
const SECONDS = { m: 60, h: 3600, d: 86_400 };
/** With six decimals at the most, so that nothing is rounded. */
const DECIMAL = /^\d+(\.\d{1,6})?$/;

export function readCount(option: string, text: string): number | null {
  if (text === 'none') return null;
  const count = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  if (count > 0) return count;
  throw new BadInput(`--${option} must be an integer from 1 to 999999999, or none, not ${text}`);
}

/** @returns millionths of the currency */
export function readAmount(option: string, text: string): number | null {
  if (text === 'none') return null;
  const micro = DECIMAL.test(text) ? microOf(text) : undefined;
  if (micro) return micro;
  throw new BadInput(
    `--${option} must be an amount more than 0, at most 1000000000, with at most six decimals, such as 12.50, or none, ` +
      `not ${text}`,
  );
}

export function readCurrency(text: string): string {
  if (isCurrency(text)) return text;
  throw new BadInput(
    `--currency must be a code of ISO 4217 in capitals, such as USD, or credits, not ${text}`,
  );
}

export function readModels(text: string): readonly string[] | null {
  if (text === 'any') return null;
  const names = [...new Set(text.split(',').map((name) => name.trim()))];
  const unknown = names.find((name) => !modelNames.some((one) => one === name));
  if (unknown === undefined) return names;
  throw new BadInput(
    `--models must be any, or names with commas between, of ${modelNames.join(', ')}; there is no model "${unknown}"`,
  );
}

/** @returns seconds */
export function readOverlap(text: string): number {
  const [, number = '', unit] = /^(\d{1,6})([mhd])$/.exec(text) ?? [];
  const seconds = text === '0' ? 0 : Number(number || Number.NaN) * SECONDS[(unit ?? 'm') as 'm' | 'h' | 'd'];
  if (seconds <= MOST_SECONDS) return seconds;
  throw new BadInput(
    `--overlap must be minutes, hours or days, such as 30m, 24h or 7d, at most 90d, or 0, not ${text}`,
  );
}
