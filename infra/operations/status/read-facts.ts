/** Asks AWS and the providers for everything that the diagnosis needs. It only reads. */
import type { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import type { LambdaClient } from '@aws-sdk/client-lambda';
import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { SNSClient } from '@aws-sdk/client-sns';
import type { SQSClient } from '@aws-sdk/client-sqs';
import type { Facts, Part, StatusOutputs } from './facts.ts';
import { readAlarms, readListeners } from './read-alarms.ts';
import { readMeasures } from './read-measures.ts';
import { readProviders } from './read-providers.ts';
import { readQueues, readSources } from './read-queues.ts';
import { readRules } from './read-rules.ts';
import { countApiKeys, readOpenTasks } from './read-tables.ts';

export interface Clients {
  readonly cloudWatch: CloudWatchClient;
  readonly dynamodb: DynamoDBClient;
  readonly eventBridge: EventBridgeClient;
  readonly lambda: LambdaClient;
  readonly secrets: SecretsManagerClient;
  readonly sns: SNSClient;
  readonly sqs: SQSClient;
}

/**
 * What cannot be read is a part of the answer, and keeps no other from being read.
 * @param stack the stack's name
 * @throws Error when nothing can be read at all
 */
export async function readFacts(clients: Clients, stack: string, outputs: StatusOutputs): Promise<Facts> {
  const now = Math.floor(Date.now() / 1000);
  const queues = readQueues(clients.sqs, outputs);
  const sources = queues.then((known) => readSources(clients, known, outputs));
  const measures = Promise.all([queues, sources]).then(([known, read]) =>
    readMeasures(clients.cloudWatch, stack, known, read),
  );
  const [providers, apiKeys, ...others] = await Promise.all([
    part(readProviders(clients.secrets, outputs)),
    part(countApiKeys(clients.dynamodb, outputs.KeysTable, now)),
    part(queues),
    part(sources),
    part(readRules(clients.eventBridge, outputs.BusName)),
    part(measures),
    part(readOpenTasks(clients.dynamodb, outputs.TasksTable, now)),
    part(readAlarms(clients.cloudWatch, outputs.AlarmTopic)),
    part(readListeners(clients.sns, outputs.AlarmTopic)),
  ]);
  const [ofQueues, ofSources, rules, ofMeasures, openTasks, alarms, listeners] = others;
  const facts = {
    providers,
    apiKeys,
    queues: ofQueues,
    sources: ofSources,
    rules,
    measures: ofMeasures,
    openTasks,
    alarms,
    listeners,
  };
  const parts = Object.values(facts);
  const [first] = parts;
  if (first?.known === false && parts.every(({ known }) => !known)) throw new Error(first.why);
  return facts;
}

async function part<T>(reading: Promise<T>): Promise<Part<T>> {
  try {
    return { known: true, value: await reading };
  } catch (error) {
    const { name, message } = error as Error;
    // Of a refused connection Node names nothing but the code.
    const why = message || (error as NodeJS.ErrnoException).code || name;
    return { known: false, why: name === 'Error' ? why : `${name}: ${why}` };
  }
}
