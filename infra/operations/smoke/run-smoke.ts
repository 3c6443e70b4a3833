/**
 * Proves a deployment from outside: one request for each model whose provider has a key, its event, its images. It knows
 * the stack's outputs and the AWS SDK. It makes an API key, a rule and a queue, and removes them; its tasks and images stay.
 */
import { randomBytes } from 'node:crypto';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { GetSecretValueCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { SQSClient } from '@aws-sdk/client-sqs';
import * as z from 'zod';
import { Wanhook } from '../../../client/index.ts';
import { providerNames, providerOf } from '../../../shared/providers/definitions.ts';
import { deleteKey, newKey, putKey } from '../api-keys.ts';
import { callbackRouteProblem } from './callback-route.ts';
import { hearOutcomes } from './outcome-events.ts';
import { first, type SmokeRequest, second } from './requests.ts';
import { runTask, type SmokeResult, type SmokeRun } from './run-task.ts';

/** The outputs that are needed of the stack. */
export const SmokeOutputs = z.object({
  ApiUrl: z.string(),
  BusName: z.string(),
  KeysTable: z.string(),
  ProviderKeysSecret: z.string(),
});

export interface SmokeOptions {
  readonly outputs: z.output<typeof SmokeOutputs>;
  readonly dynamodb: DynamoDBClient;
  readonly eventBridge: EventBridgeClient;
  readonly secrets: SecretsManagerClient;
  readonly sqs: SQSClient;
  /** Where images are saved. */
  readonly directory: string;
  /** The callbacks' route is not tried: for an emulator that does not run it. Outcomes are read then, by timers. */
  readonly withoutCallbacks?: boolean;
  /** Told each result as soon as it is there. */
  readonly onResult: (result: SmokeResult) => void;
}

export interface Smoke {
  readonly results: readonly SmokeResult[];
  /** Why nothing could be tried. */
  readonly problem?: string;
  /** The models whose provider has no key. */
  readonly skipped: readonly string[];
  readonly withoutCallbacks?: boolean;
}

/** Only ends a hang: a task takes half a minute, and one that is read and not heard some ten seconds more. */
const PATIENCE_MS = 600_000;

/** @throws what AWS throws when a key, rule or queue cannot be made */
export async function runSmoke(options: SmokeOptions): Promise<Smoke> {
  const { outputs, dynamodb } = options;
  const problem = options.withoutCallbacks ? undefined : await callbackRouteProblem(outputs.ApiUrl);
  if (problem) return { results: [], problem, skipped: [] };
  const apiKey = newKey();
  const owner = `smoke-${randomBytes(4).toString('hex')}`;
  const events = await hearOutcomes({ ...options, busName: outputs.BusName, owner, patienceMs: PATIENCE_MS });
  try {
    await putKey(dynamodb, outputs.KeysTable, owner, apiKey);
    // What is refused for now is to be seen, not sat out.
    const client = new Wanhook({ baseUrl: outputs.ApiUrl, apiKey, maxRetries: 0 });
    const smoke = await runAll({ client, events, directory: options.directory }, options);
    return { ...smoke, ...(options.withoutCallbacks && { withoutCallbacks: true }) };
  } finally {
    await deleteKey(dynamodb, outputs.KeysTable, apiKey);
    await events.remove();
  }
}

async function runAll(run: SmokeRun, options: SmokeOptions): Promise<Smoke> {
  const providers = await providersWithKey(options);
  const has = ({ body }: SmokeRequest) => providers.includes(providerOf(body.model));
  const each = (requests: readonly SmokeRequest[]) =>
    Promise.all(
      requests.filter(has).map(async (request) => {
        const result = await runTask(run, request);
        options.onResult(result);
        return result;
      }),
    );
  const pictures = await each(first);
  const links = pictures.flatMap(({ results }) => results);
  // Without a picture there is nothing to edit.
  const edits = links.length > 1 ? await each(second(links)) : [];
  const requests = [...first, ...second(links)];
  const skipped = new Set(requests.filter((request) => !has(request)).map(({ body }) => body.model));
  return { results: [...pictures, ...edits], skipped: [...skipped] };
}

/** @throws Error when the secret holds no JSON object of keys */
async function providersWithKey({ secrets, outputs }: SmokeOptions): Promise<readonly string[]> {
  const { SecretString = '' } = await secrets.send(
    new GetSecretValueCommand({ SecretId: outputs.ProviderKeysSecret }),
  );
  const keys = providerKeys.safeParse(SecretString);
  const names = keys.success ? providerNames.filter((name) => keys.data[name]) : [];
  if (names.length > 0) return names;
  throw new Error(
    `No provider has a key: the secret ${outputs.ProviderKeysSecret} must be a JSON object of strings with at least ` +
      `one of ${providerNames.join(', ')}`,
  );
}

const providerKeys = z
  .string()
  .transform((text, context) => {
    try {
      return JSON.parse(text) as unknown;
    } catch {
      context.addIssue('must be JSON');
      return z.NEVER;
    }
  })
  .pipe(z.record(z.string(), z.string()));
