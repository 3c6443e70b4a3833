/**
 * What several handlers need, made from what the template tells the function. Functions, so that a bundle holds no more
 * than what its handler calls; each is called once, while the function starts.
 */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { SQSClient } from '@aws-sdk/client-sqs';
import { imageLinks } from '../images/links.ts';
import { providerFinder, reportReader } from '../providers/registry.ts';
import { secretText } from '../security/secrets.ts';
import { type Signer, signer } from '../security/signer.ts';
import { readSigningKeys } from '../security/signing-keys.ts';
import { type Enqueue, enqueuer } from '../task/callback-queue.ts';
import type { LinkTo } from '../task/public-task.ts';
import { type TaskStore, taskStore } from '../task/store.ts';
import { type UsageStore, usageStore } from '../usage/usage-table.ts';
import { secretFinder } from '../webhooks/secrets.ts';
import type { WebhookRules } from '../webhooks/webhook-url.ts';
import { flag, list, mapping, number, variable } from './environment.ts';
import type { Remembered } from './remembered.ts';

let dynamodb: DynamoDBClient | undefined;
/** One client for every table: its connections are shared too. */
export function dynamoDbClient(): DynamoDBClient {
  dynamodb ??= new DynamoDBClient();
  return dynamodb;
}

/** @param settles whether the function reserves and settles, for which it needs the usage table */
export const tasksTable = ({ settles = false } = {}): TaskStore =>
  taskStore(dynamoDbClient(), variable('TASKS_TABLE'), settles ? { name: variable('USAGE_TABLE') } : {});

export const usageTable = (): UsageStore => usageStore(dynamoDbClient(), variable('USAGE_TABLE'));

let secrets: SecretsManagerClient | undefined;
/** @param name of the environment variable that holds the secret's ARN */
export function secretNamed(name: string): Remembered<string> {
  secrets ??= new SecretsManagerClient();
  return secretText(secrets, variable(name), Date.now);
}

/** Signs with the keys as they are now; a rotated one is known within five minutes. */
export function currentSigner(): () => Promise<Signer> {
  const keys = secretNamed('SIGNING_KEYS');
  return async () => signer(readSigningKeys(await keys()), Date.now);
}

/** Links as they are made now. */
export function currentLinks(signerNow: () => Promise<Signer>): () => Promise<LinkTo> {
  const settings = { publicUrl: variable('PUBLIC_URL'), days: number('IMAGE_LINK_DAYS') };
  return async () => imageLinks(await signerNow(), settings, Date.now());
}

/** Reads providers' reports; see {@link reportReader}. */
export const reports = () => reportReader(secretNamed('PROVIDER_KEYS'));

/** Finds providers by name; see {@link providerFinder}. */
export const providers = () => providerFinder(mapping('PROVIDER_BASE_URLS'), secretNamed('PROVIDER_KEYS'));

/** Puts our own messages into the callbacks queue. */
export const callbacksQueue = (client: SQSClient, signerNow: () => Promise<Signer>): Enqueue =>
  enqueuer(client, variable('CALLBACKS_QUEUE'), signerNow);

/** Where callers' webhooks may go, as the operator has set it. */
export const webhookRules = (): WebhookRules => ({
  allowedRanges: list('ALLOWED_WEBHOOK_RANGES'),
  allowLoopbackHttp: flag('ALLOW_LOOPBACK_WEBHOOKS'),
});

/** The secrets that sign a key's webhooks now; see {@link secretFinder}. */
export const webhookSecrets = () =>
  secretFinder(secretNamed('WEBHOOK_SECRET'), dynamoDbClient(), variable('KEYS_TABLE'), Date.now);
