/** What an operator does in AWS, done on this machine: synthesize, deploy, set the providers' keys, let one key in. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { putKey } from '../operations/api-keys.ts';
import { type LocalCloud, type LocalCloudOptions, startLocalCloud } from './cloud/index.ts';

export interface LocalDeployment {
  readonly cloud: LocalCloud;
  readonly apiKey: string;
  readonly owner: string;
  /** How any SDK client reaches this cloud, with the local credentials. */
  readonly client: {
    readonly region: string;
    readonly credentials: { accessKeyId: string; secretAccessKey: string };
  };
}

export interface DeploymentOptions extends LocalCloudOptions {
  readonly apiKey: string;
  readonly owner: string;
  /** Keys at the providers, by provider. */
  readonly providerKeys: Readonly<Record<string, string>>;
}

/** Settings for a machine where providers and their images live on loopback. Callers' webhooks stay strict. */
export const localSettings = { allowHttpImages: true, allowedImageRanges: ['127.0.0.0/8', '::1/128'] };

/** Boots the assembly and makes it usable. The cloud is stopped again if that fails. */
export async function deployLocally(options: DeploymentOptions): Promise<LocalDeployment> {
  const { apiKey, owner, providerKeys, ...cloudOptions } = options;
  const cloud = await startLocalCloud(cloudOptions);
  const client = { region: cloud.region, credentials: cloud.credentials };
  try {
    await new SecretsManagerClient({ ...client, endpoint: cloud.endpoints.secretsmanager }).send(
      new PutSecretValueCommand({
        SecretId: output(cloud, 'ProviderKeysSecret'),
        SecretString: JSON.stringify(providerKeys),
      }),
    );
    const dynamodb = new DynamoDBClient({ ...client, endpoint: cloud.endpoints.dynamodb });
    await putKey(dynamodb, output(cloud, 'KeysTable'), owner, apiKey);
  } catch (error) {
    await cloud.stop();
    throw error;
  }
  return { cloud, apiKey, owner, client };
}

/** @throws Error naming the output that the stack does not have */
export function output(cloud: LocalCloud, name: string): string {
  const value = cloud.outputs[name];
  if (value === undefined) throw new Error(`The stack has no output ${name}`);
  return value;
}
