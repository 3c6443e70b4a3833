/** Makes API keys for callers. The table gets the SHA-256; the key itself is shown once and kept nowhere. */
import { randomBytes } from 'node:crypto';
import { DeleteItemCommand, type DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { sha256 } from '../../shared/runtime/json.ts';
import { type ApiKeyRow, ownerPattern } from '../../shared/security/api-keys.ts';

export const newKey = (): string => `wh_${randomBytes(24).toString('base64url')}`;

/** Names a key where the key itself must not be shown. */
export const keyIdOf = (key: string): string => `key_${sha256(key).slice(0, 8)}`;

/**
 * Creates a key.
 * @param owner whose tasks the key sees: 1–64 letters, digits, dots, dashes or underscores, neither `.` nor `..`
 * @throws Error for another owner's name
 */
export async function putKey(
  client: DynamoDBClient,
  table: string,
  owner: string,
  key: string,
): Promise<void> {
  if (!ownerPattern.test(owner)) {
    throw new Error(
      `The owner ${owner} must be 1–64 letters, digits, dots, dashes or underscores, and neither . nor ..`,
    );
  }
  const row: ApiKeyRow = { key_hash: sha256(key), key_id: keyIdOf(key), owner };
  await client.send(new PutItemCommand({ TableName: table, Item: marshall(row) }));
}

export async function deleteKey(client: DynamoDBClient, table: string, key: string): Promise<void> {
  await client.send(new DeleteItemCommand({ TableName: table, Key: marshall({ key_hash: sha256(key) }) }));
}
