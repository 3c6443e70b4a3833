/** How large an item is for DynamoDB, which bills by it (DynamoDB developer guide, "Item sizes and formats"). */
import type { AttributeValue } from '@aws-sdk/client-dynamodb';

export type Item = Readonly<Record<string, AttributeValue>>;

/** In bytes, names included. */
export const itemBytes = (item: Item): number =>
  Object.entries(item).reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + valueBytes(value), 0);

function valueBytes(value: AttributeValue): number {
  if (value.S !== undefined) return Buffer.byteLength(value.S);
  if (value.N !== undefined) return numberBytes(value.N);
  if (value.L) return value.L.reduce((sum, element) => sum + 1 + valueBytes(element), 3);
  if (value.M) return Object.values(value.M).length + 3 + itemBytes(value.M);
  if (value.BOOL !== undefined || value.NULL !== undefined) return 1;
  throw new Error(`no record of ours has a value like ${JSON.stringify(value)}`);
}

/** A byte for two significant digits, and one more. */
const numberBytes = (digits: string): number =>
  Math.ceil(digits.replace(/^-?0*|\D/g, '').replace(/0+$/, '').length / 2) + 1;

/** A write unit is a kilobyte, a read unit four; a request takes one at least. */
export const writeUnits = (bytes: number): number => Math.max(1, Math.ceil(bytes / 1024));
export const readUnits = (bytes: number): number => Math.max(1, Math.ceil(bytes / 4096));
