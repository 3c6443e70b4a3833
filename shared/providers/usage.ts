/** A provider's usage as it reported it, but always storable: it must never keep an outcome from being recorded. */
import { isJsonObject, type Json } from '../runtime/json.ts';

/** DynamoDB takes 32 levels; the record and the report around it need some. */
const MOST_LEVELS = 20;
/** DynamoDB takes no number closer to zero than 1E-130, and its SDK none beyond the safe integers. */
const LEAST = 1e-100;

/**
 * @param clean takes our key out of a string
 * @returns the object, numbers that cannot be stored as strings, `…` for what nests too deep; or nothing
 */
export function usageOf(value: unknown, clean: (text: string) => string): Json | undefined {
  return isJsonObject(value) ? storable(value as Json, clean, 1) : undefined;
}

function storable(value: Json, clean: (text: string) => string, level: number): Json {
  if (typeof value === 'number') return isStorable(value) ? value : String(value);
  if (typeof value === 'string') return clean(value);
  if (value === null || typeof value !== 'object') return value;
  if (level > MOST_LEVELS) return '…';
  const inside = (item: Json) => storable(item, clean, level + 1);
  if (Array.isArray(value)) return value.map(inside);
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [clean(name), inside(item)]));
}

const isStorable = (number: number): boolean =>
  number === 0 || (Math.abs(number) >= LEAST && Math.abs(number) <= Number.MAX_SAFE_INTEGER);
