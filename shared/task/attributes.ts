/** Values as DynamoDB attributes, whatever strings and names callers and providers put into them. */
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';

/**
 * Undefined values are left out. Objects go as Maps, because `marshall` takes one with a key `constructor` for an
 * instance of a class and throws; a lone surrogate becomes U+FFFD, because UTF-8 has no bytes for it. Names that an
 * item cannot hold are left out with their values: an empty one, one over 64 kB, and `__proto__`, which `marshall` takes
 * for the prototype of what it makes.
 */
export function attributesOf(values: object): Record<string, AttributeValue> {
  return marshall(mapOf(values), { removeUndefinedValues: true });
}

const mapOf = (values: object): Map<string, unknown> =>
  new Map(
    Object.entries(values)
      .filter(([name]) => isStorable(name))
      .map(([name, value]) => [name.toWellFormed(), plain(value)]),
  );

const MAX_NAME_BYTES = 65_535;

const isStorable = (name: string): boolean =>
  name !== '' && name !== '__proto__' && Buffer.byteLength(name) <= MAX_NAME_BYTES;

function plain(value: unknown): unknown {
  if (typeof value === 'string') return value.toWellFormed();
  if (Array.isArray(value)) return value.map(plain);
  return value && typeof value === 'object' ? mapOf(value) : value;
}
