/** Checks that both Vtrix models share. */
import { Refusal } from '../protocol.ts';

/** Throws a Refusal that names the first field which is not among `known`. */
export function checkFields(value: Record<string, unknown>, known: readonly string[], where: string): void {
  for (const field of Object.keys(value)) {
    if (!known.includes(field)) throw invalid(`Unknown field in ${where}: ${field}`);
  }
}

/** Throws a Refusal unless the field is absent, true or false. */
export function checkBoolean(parameters: Record<string, unknown>, field: string): void {
  const value = parameters[field];
  if (value !== undefined && typeof value !== 'boolean') throw invalid(`${field} must be true or false`);
}

export function isIntegerFrom(value: unknown, min: number, max: number): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max;
}

/** A Refusal 400 for what has no code of its own. */
export function invalid(message: string): Refusal {
  return new Refusal(400, 'invalid_parameters', message);
}
