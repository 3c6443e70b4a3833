/**
 * The webhook secret of an API key. It is stored nowhere: it is derived from a root secret, the key's owner and id, and
 * a version, which a rotation raises (docs/decisions/webhooks.md).
 *
 *   version 1   signs ──────────────────┤
 *   version 2            signs ─────────┼──────────►
 *                     rotation     24 hours later
 */
import { type DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import type { Caller } from '../security/api-keys.ts';
import { hmac } from '../security/signer.ts';
import { webhookSecret } from './signature.ts';

const MINUTE = 60_000;
const MOST_REMEMBERED = 1000;

/** Seconds for which the secret before a rotation signs too. */
export const BOTH_SIGN_FOR = 86_400;

export interface SecretVersion {
  /** From 1 on. */
  readonly version: number;
  /** Seconds since 1970; absent for a secret that was never rotated. */
  readonly rotated_at?: number | undefined;
}

/** Of a key whose secret was never rotated. */
export const FIRST_VERSION: SecretVersion = { version: 1 };

/** Where the keys table keeps the version: no key's hash is like this. */
export const versionKey = ({ owner, keyId }: Caller): string => `webhook-secret#${owner}#${keyId}`;

export const deriveSecret = (root: string, { owner, keyId }: Caller, version: number): string =>
  webhookSecret(hmac(root, 'webhook-secret', owner, keyId, String(version)));

/** The secrets that sign now, newest first. @param now seconds since 1970 */
export function signingSecrets(
  root: string,
  key: Caller,
  { version, rotated_at: rotatedAt }: SecretVersion,
  now: number,
): string[] {
  const isRotating = rotatedAt !== undefined && now < rotatedAt + BOTH_SIGN_FOR;
  const versions = isRotating && version > 1 ? [version, version - 1] : [version];
  return versions.map((one) => deriveSecret(root, key, one));
}

/** @param table the keys table's name */
export async function readVersion(
  client: DynamoDBClient,
  table: string,
  key: Caller,
): Promise<SecretVersion> {
  const { Item } = await client.send(
    new GetItemCommand({
      TableName: table,
      Key: marshall({ key_hash: versionKey(key) }),
      ConsistentRead: true,
    }),
  );
  return Item ? (unmarshall(Item) as SecretVersion) : FIRST_VERSION;
}

/**
 * @param root the root secret
 * @returns a function from a key to the secrets that sign for it now, newest first; a version is remembered for a minute
 */
export function secretFinder(
  root: () => Promise<string>,
  client: DynamoDBClient,
  table: string,
  now: () => number,
): (key: Caller) => Promise<string[]> {
  const known = new Map<string, { version: SecretVersion; until: number }>();
  return async (key) => {
    const name = versionKey(key);
    const remembered = known.get(name);
    const isFresh = remembered !== undefined && now() < remembered.until;
    const version = isFresh ? remembered.version : await readVersion(client, table, key);
    if (!isFresh) {
      if (known.size >= MOST_REMEMBERED) known.clear();
      known.set(name, { version, until: now() + MINUTE });
    }
    return signingSecrets(await root(), key, version, now() / 1000);
  };
}
