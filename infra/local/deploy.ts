/** What an operator does in AWS, done on this machine: synthesize, deploy, set the providers' keys, create one key. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { createKey } from '../operations/keys/create-key.ts';
import { currentWebhookSecret } from '../operations/webhook-secrets.ts';
import {
  forgetState,
  hasEmbeddedDynamoServer,
  type LocalCloud,
  type LocalCloudOptions,
  startLocalCloud,
} from './cloud/index.ts';

export interface LocalDeployment {
  readonly cloud: LocalCloud;
  readonly apiKey: string;
  readonly owner: string;
  /** What signs the webhooks of the key's tasks: `whsec_…` */
  readonly webhookSecret: string;
  /** How any SDK client reaches this cloud, with the local credentials. */
  readonly client: {
    readonly region: string;
    readonly credentials: { accessKeyId: string; secretAccessKey: string };
  };
}

export interface DeploymentOptions extends Omit<LocalCloudOptions, 'dynamodbEndpoint'> {
  /** As `newKey` makes it. */
  readonly apiKey: string;
  readonly owner: string;
  /** Keys at the providers, by provider. */
  readonly providerKeys: Readonly<Record<string, string>>;
}

/** Settings for a machine where providers, their images, and receivers of webhooks live on loopback. */
export const localSettings = {
  allowHttpImages: true,
  allowedImageRanges: ['127.0.0.0/8', '::1/128'],
  allowLoopbackWebhooks: true,
  /** Whom alarms would ring; nothing is sent from here. */
  alarmEmails: ['operator@example.com'],
  /** Who looks at a task looks at its usage next. */
  ledgerSeconds: 0,
};

/**
 * Boots the assembly and makes it usable; its tables are at the DynamoDB server that WANHOOK_DYNAMODB_ENDPOINT names, if
 * it names one. The cloud is stopped again if that fails.
 */
export async function deployLocally(options: DeploymentOptions): Promise<LocalDeployment> {
  const { apiKey, owner, providerKeys, ...cloudOptions } = options;
  const cloud = await startLocalCloud({ ...cloudOptions, dynamodbEndpoint: dynamodbEndpoint() });
  const client = { region: cloud.region, credentials: cloud.credentials };
  try {
    const secrets = new SecretsManagerClient({ ...client, endpoint: cloud.endpoints.secretsmanager });
    await secrets.send(
      new PutSecretValueCommand({
        SecretId: output(cloud, 'ProviderKeysSecret'),
        SecretString: JSON.stringify(providerKeys),
      }),
    );
    const dynamodb = new DynamoDBClient({ ...client, endpoint: cloud.endpoints.dynamodb });
    const keysTable = output(cloud, 'KeysTable');
    const tables = { dynamodb, keysTable, usageTable: output(cloud, 'UsageTable') };
    const created = Math.floor(Date.now() / 1000);
    // What an operator has done to a key that is kept from last time stays.
    const { key_id: keyId } = await createKey(tables, { owner, key: apiKey, created, limits: {} });
    const webhookSecret = await currentWebhookSecret(
      { dynamodb, secrets, keysTable, rootSecret: output(cloud, 'WebhookSecret') },
      { owner, keyId },
    );
    return { cloud, apiKey, owner, webhookSecret, client };
  } catch (error) {
    await cloud.stop();
    throw error;
  }
}

/** Forgets what a deployment kept in `stateDir`, also its tables at the server that WANHOOK_DYNAMODB_ENDPOINT names. */
export function forgetLocally(stateDir: string): Promise<void> {
  return forgetState({ stateDir, dynamodbEndpoint: process.env.WANHOOK_DYNAMODB_ENDPOINT });
}

/** @throws Error that says what to do where there is no embedded DynamoDB server */
function dynamodbEndpoint(): string | undefined {
  const endpoint = process.env.WANHOOK_DYNAMODB_ENDPOINT;
  if (endpoint || hasEmbeddedDynamoServer()) return endpoint;
  throw new Error(
    `there is no DynamoDB server for ${process.platform}-${process.arch} among the npm packages: start one with streams ` +
      '(DynamoDB Local, for example) and put its address in WANHOOK_DYNAMODB_ENDPOINT',
  );
}

/** @throws Error naming the output that the stack does not have */
export function output(cloud: LocalCloud, name: string): string {
  const value = cloud.outputs[name];
  if (value === undefined) throw new Error(`The stack has no output ${name}`);
  return value;
}
