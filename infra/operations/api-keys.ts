/** Makes API keys for callers. The table gets the SHA-256; the key itself is shown once and kept nowhere. */
import { randomInt } from 'node:crypto';
import {
  ConditionalCheckFailedException,
  DeleteItemCommand,
  type DynamoDBClient,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { sha256 } from '../../shared/runtime/json.ts';
import { type ApiKeyRow, ownerPattern } from '../../shared/security/api-keys.ts';
import {
  BASE_62,
  isWellFormedKey,
  KEY_PREFIX,
  RANDOM_LENGTH,
  withChecksum,
} from '../../shared/security/key-format.ts';

/** A key that nobody has. */
export function newKey(): string {
  const random = Array.from({ length: RANDOM_LENGTH }, () => BASE_62[randomInt(BASE_62.length)]);
  return withChecksum(KEY_PREFIX + random.join(''));
}

/** Names a key where the key itself must not be shown. */
export const keyIdOf = (key: string): string => `key_${sha256(key).slice(0, 8)}`;

/**
 * Creates a key. One that is in the table stays as it is there.
 * @param owner whose tasks the key sees: 1–64 letters, digits, dots, dashes or underscores, neither `.` nor `..`
 * @returns the table's row
 * @throws Error for another owner's name, and for a key that is not well-formed
 */
export async function putKey(
  client: DynamoDBClient,
  table: string,
  owner: string,
  key: string,
  more: Partial<Omit<ApiKeyRow, 'key_hash' | 'owner'>> = {},
): Promise<ApiKeyRow> {
  if (!ownerPattern.test(owner)) {
    throw new Error(
      `The owner ${owner} must be 1–64 letters, digits, dots, dashes or underscores, and neither . nor ..`,
    );
  }
  if (!isWellFormedKey(key)) throw new Error('The key is none that was made here, or it was mistyped');
  const row: ApiKeyRow = { key_hash: sha256(key), key_id: keyIdOf(key), owner, ...more };
  const put = new PutItemCommand({
    TableName: table,
    Item: marshall(row),
    ConditionExpression: 'attribute_not_exists(key_hash)',
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
  });
  try {
    await client.send(put);
    return row;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException && error.Item) {
      return unmarshall(error.Item) as ApiKeyRow;
    }
    throw error;
  }
}

export async function deleteKey(client: DynamoDBClient, table: string, key: string): Promise<void> {
  await client.send(new DeleteItemCommand({ TableName: table, Key: marshall({ key_hash: sha256(key) }) }));
}
