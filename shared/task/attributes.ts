/** Values as DynamoDB attributes, whatever strings and names callers and providers put into them. */
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';

/**
 * Undefined values are left out. Objects go as Maps, because `marshall` takes one with a key `constructor` for an
 * instance of a class and throws; a lone surrogate becomes U+FFFD, because UTF-8 has no bytes for it.
 */
export function attributesOf(values: object): Record<string, AttributeValue> {
  return marshall(mapOf(values), { removeUndefinedValues: true });
}

const mapOf = (values: object): Map<string, unknown> =>
  new Map(Object.entries(values).map(([name, value]) => [name.toWellFormed(), plain(value)]));

function plain(value: unknown): unknown {
  if (typeof value === 'string') return value.toWellFormed();
  if (Array.isArray(value)) return value.map(plain);
  return value && typeof value === 'object' ? mapOf(value) : value;
}
