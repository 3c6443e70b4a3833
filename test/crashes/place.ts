/** What the crashes are walked on: one local cloud, its providers behind relays, a receiver of webhooks. */
import { DynamoDBClient, GetItemCommand, PutItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { prepareAssembly } from '../../infra/local/assembly/prepare.ts';
import { deployLocally, type LocalDeployment, localSettings, output } from '../../infra/local/deploy.ts';
import { startStandIn } from '../../infra/local/start-providers.ts';
import { newKey } from '../../infra/operations/api-keys.ts';
import { forEachProvider, type ProviderName } from '../../shared/providers/definitions.ts';
import { sha256 } from '../../shared/runtime/json.ts';
import { BUDGET } from '../../shared/usage/rows.ts';
import { StandInClient } from '../support/stand-in-client.ts';
import { Outside } from './outside.ts';

const PROVIDER_KEY = 'crashes-key';

export interface Place {
  readonly deployment: LocalDeployment;
  readonly providers: Readonly<Record<ProviderName, StandInClient>>;
  readonly outside: Outside;
  readonly dynamodb: DynamoDBClient;
  readonly s3: S3Client;
  stop(): Promise<void>;
}

export async function startPlace(progress: (line: string) => void): Promise<Place> {
  const standIn = await startStandIn([
    '--quiet',
    '--pictures=plain',
    '--delay-ms=30',
    '--callback-retry-unit-ms=100',
  ]);
  const outside = await Outside.start(standIn.providers);
  const assembly = await prepareAssembly({
    // An overdue timer then waits for others for one second instead of 20, which nobody can end by making it visible.
    settings: { ...localSettings, firstReadSeconds: 1, overdueSeconds: 15 },
    providerBaseUrls: outside.providers,
    progress,
  });
  const deployment = await deployLocally({
    assembly: assembly.directory,
    owner: 'crashes',
    apiKey: newKey(),
    providerKeys: forEachProvider(() => PROVIDER_KEY),
  });
  const { client, cloud } = deployment;
  return {
    deployment,
    providers: forEachProvider((name) => new StandInClient(standIn.providers[name], PROVIDER_KEY)),
    outside,
    dynamodb: new DynamoDBClient({ ...client, endpoint: cloud.endpoints.dynamodb }),
    s3: new S3Client({ ...client, endpoint: cloud.endpoints.s3, forcePathStyle: true }),
    async stop() {
      await cloud.stop();
      await outside.close();
      await standIn.stop();
      await assembly.remove();
    },
  };
}

/** A new owner with one key, with a budget and limits if it is to be bound. @returns the key */
export async function newOwner(
  { dynamodb, deployment }: Place,
  owner: string,
  isBound: boolean,
): Promise<string> {
  const key = newKey();
  const put = (table: string, row: object) =>
    dynamodb.send(new PutItemCommand({ TableName: output(deployment.cloud, table), Item: marshall(row) }));
  if (isBound) await put('UsageTable', { owner, entry: BUDGET, images_per_day: 9 });
  const limits = isBound ? { images_at_once: 9, requests_per_minute: 100 } : {};
  const budgeted = isBound && { budgeted: true };
  await put('KeysTable', { key_hash: sha256(key), key_id: owner, owner, limits, ...budgeted });
  return key;
}

/** The counters in a row of the usage table, by name. */
export async function countersOf(
  { dynamodb, deployment }: Place,
  owner: string,
  entry: string,
): Promise<Record<string, number>> {
  const Key = marshall({ owner, entry });
  const TableName = output(deployment.cloud, 'UsageTable');
  const { Item } = await dynamodb.send(new GetItemCommand({ TableName, Key, ConsistentRead: true }));
  return Item ? (unmarshall(Item) as Record<string, number>) : {};
}

/** Moves a task into the past. */
export async function makeOlder({ dynamodb, deployment }: Place, id: string, seconds: number): Promise<void> {
  await dynamodb.send(
    new UpdateItemCommand({
      TableName: output(deployment.cloud, 'TasksTable'),
      Key: marshall({ id }),
      UpdateExpression: 'SET created = created - :seconds',
      ExpressionAttributeValues: marshall({ ':seconds': seconds }),
    }),
  );
}
