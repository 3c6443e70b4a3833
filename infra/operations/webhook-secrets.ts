/** The secrets that sign callers' webhooks, for the operator: reading one, and rotating it. */
import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb';
import { GetSecretValueCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { marshall } from '@aws-sdk/util-dynamodb';
import type { Caller } from '../../shared/security/api-keys.ts';
import {
  BOTH_SIGN_FOR,
  deriveSecret,
  FIRST_VERSION,
  readVersion,
  type SecretVersion,
  versionKey,
} from '../../shared/webhooks/secrets.ts';

export interface WebhookSecrets {
  readonly dynamodb: DynamoDBClient;
  readonly secrets: SecretsManagerClient;
  /** The keys table's name. */
  readonly keysTable: string;
  /** The ARN of the root secret. */
  readonly rootSecret: string;
}

/** The newest secret of a key. */
export async function currentWebhookSecret(deployment: WebhookSecrets, key: Caller): Promise<string> {
  const { version } = await readVersion(deployment.dynamodb, deployment.keysTable, key);
  return deriveSecret(await rootOf(deployment), key, version);
}

export type Rotated =
  | { readonly kind: 'rotated'; readonly secret: string; readonly bothSignUntil: number }
  /** The rotation before is under way until then (seconds since 1970): a third secret would end the oldest early. */
  | { readonly kind: 'too_soon'; readonly until: number };

/**
 * Gives a key a new secret; the one before signs besides for 24 hours.
 * @param now seconds since 1970
 * @param force rotates although the rotation before is under way
 * @throws Error when somebody else rotates it at the same time
 */
export async function rotateWebhookSecret(
  deployment: WebhookSecrets,
  key: Caller,
  { now, force }: { readonly now: number; readonly force: boolean },
): Promise<Rotated> {
  const { dynamodb, keysTable } = deployment;
  const present = await readVersion(dynamodb, keysTable, key);
  const until = present.rotated_at === undefined ? 0 : present.rotated_at + BOTH_SIGN_FOR;
  if (now < until && !force) return { kind: 'too_soon', until };
  const next: SecretVersion = { version: present.version + 1, rotated_at: now };
  await replace(deployment, key, present, next);
  const secret = deriveSecret(await rootOf(deployment), key, next.version);
  return { kind: 'rotated', secret, bothSignUntil: now + BOTH_SIGN_FOR };
}

async function replace(
  { dynamodb, keysTable }: WebhookSecrets,
  key: Caller,
  present: SecretVersion,
  next: SecretVersion,
): Promise<void> {
  try {
    await dynamodb.send(
      new PutItemCommand({
        TableName: keysTable,
        Item: marshall({ key_hash: versionKey(key), ...next }),
        ConditionExpression:
          present.version === FIRST_VERSION.version ? 'attribute_not_exists(key_hash)' : 'version = :present',
        ...(present.version !== FIRST_VERSION.version && {
          ExpressionAttributeValues: marshall({ ':present': present.version }),
        }),
      }),
    );
  } catch (cause) {
    if (!(cause instanceof ConditionalCheckFailedException)) throw cause;
    throw new Error('Somebody else has rotated this secret just now; nothing was changed', { cause });
  }
}

async function rootOf({ secrets, rootSecret }: WebhookSecrets): Promise<string> {
  const { SecretString = '' } = await secrets.send(new GetSecretValueCommand({ SecretId: rootSecret }));
  return SecretString;
}
