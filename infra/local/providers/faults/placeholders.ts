/**
 * Placeholders in the strings of faults:
 *
 *   {id} {ID}             the task's id, and the same in capitals
 *   {key} {key:url}       the API key of the request, and the same as in a URL
 */

export type Values = { id: string; key: string };

/** The value with every placeholder in its strings replaced, however deep. Field names stay as they are. */
export function filled<T>(value: T, values: Values): T {
  return fill(value, values) as T;
}

function fill(value: unknown, values: Values): unknown {
  if (typeof value === 'string') return fillText(value, values);
  if (Array.isArray(value)) return value.map((item) => fill(item, values));
  if (typeof value !== 'object' || value === null) return value;
  // fromEntries defines fields, so that even `__proto__` becomes one.
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, fill(item, values)]));
}

function fillText(text: string, { id, key }: Values): string {
  return text
    .replaceAll('{id}', id)
    .replaceAll('{ID}', id.toUpperCase())
    .replaceAll('{key}', key)
    .replaceAll('{key:url}', encodeURIComponent(key));
}
