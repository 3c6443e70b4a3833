/** A whole Wanhook for one test file: a local cloud of its own, an account of its own at the stand-in providers. */
import { randomUUID } from 'node:crypto';
import { DynamoDBClient, GetItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import {
  GetSecretValueCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { afterAll, inject } from 'vitest';
import type { BusEvent } from '../../infra/local/cloud/index.ts';
import { deployLocally, type LocalDeployment, output } from '../../infra/local/deploy.ts';
import { newKey } from '../../infra/operations/api-keys.ts';
import type { TaskEventDetail } from '../../shared/events/task-event.ts';
import { forEachProvider, type ProviderName } from '../../shared/providers/definitions.ts';
import type { PublicTask } from '../../shared/task/public-task.ts';
import type { TaskRecord } from '../../shared/task/record.ts';
import { labelOf } from '../permissions/labels.ts';
import { recordPermissions } from '../permissions/records.ts';
import { eventually } from '../support/eventually.ts';
import { StandInClient } from '../support/stand-in-client.ts';

export interface Answer<T = PublicTask> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: T;
}

export interface ProblemAnswer {
  readonly error: { code: string; message: string; type: string; param?: string };
}

/** One file's Wanhook; stopped after the file's last test. */
export class System {
  readonly deployment: LocalDeployment;
  readonly providers: Readonly<Record<ProviderName, StandInClient>>;
  /** Everything that the functions and their platform printed. */
  readonly log: readonly string[];
  readonly events: { detailType: string; detail: TaskEventDetail }[] = [];
  readonly dynamodb: DynamoDBClient;
  readonly s3: S3Client;

  constructor(
    deployment: LocalDeployment,
    providers: Readonly<Record<ProviderName, StandInClient>>,
    log: readonly string[],
  ) {
    const { cloud, client } = deployment;
    this.log = log;
    this.deployment = deployment;
    this.providers = providers;
    this.dynamodb = new DynamoDBClient({ ...client, endpoint: cloud.endpoints.dynamodb });
    this.s3 = new S3Client({ ...client, endpoint: cloud.endpoints.s3, forcePathStyle: true });
    cloud.onEvent((event: BusEvent) => {
      this.events.push({ detailType: event['detail-type'], detail: event.detail as TaskEventDetail });
    });
  }

  get evolink(): StandInClient {
    return this.providers.evolink;
  }

  get vtrix(): StandInClient {
    return this.providers.vtrix;
  }

  get cloud() {
    return this.deployment.cloud;
  }

  /** A request to the HTTP API with this system's key; an object is sent as JSON. */
  async call<T = PublicTask>(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer<T>> {
    const response = await fetch(`${this.cloud.apiUrl}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${this.deployment.apiKey}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      redirect: 'manual',
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: text ? JSON.parse(text) : undefined };
  }

  submit<T = PublicTask>(body: unknown, headers: Record<string, string> = {}): Promise<Answer<T>> {
    return this.call<T>('POST', '/v1/images/generations', body, headers);
  }

  /** @param headers of another caller than this system's own */
  async task(id: string, headers: Record<string, string> = {}): Promise<PublicTask> {
    return (await this.call('GET', `/v1/tasks/${id}`, undefined, headers)).body;
  }

  /** The task when it has ended. */
  async ended(id: string, headers: Record<string, string> = {}): Promise<PublicTask> {
    return eventually(async () => {
      const task = await this.task(id, headers);
      return task.status === 'completed' || task.status === 'failed' ? task : undefined;
    }, `the end of ${id}`);
  }

  /** The events of one task, oldest first. */
  eventsOf(id: string): string[] {
    return this.events.filter(({ detail }) => detail.task.id === id).map(({ detail }) => detail.id);
  }

  async record(id: string): Promise<TaskRecord | undefined> {
    const { Item } = await this.dynamodb.send(
      new GetItemCommand({ TableName: this.tasksTable, Key: marshall({ id }), ConsistentRead: true }),
    );
    return Item && (unmarshall(Item) as TaskRecord);
  }

  async records(): Promise<TaskRecord[]> {
    const { Items = [] } = await this.dynamodb.send(new ScanCommand({ TableName: this.tasksTable }));
    return Items.map((item) => unmarshall(item) as TaskRecord);
  }

  /** How often a metric was counted so far, in all or for one reason. */
  counted(metric: string, reason?: string): number {
    return this.cloud
      .metrics()
      .filter(
        ({ name, dimensions }) => name === metric && (reason === undefined || dimensions.reason === reason),
      )
      .reduce((sum, entry) => sum + entry.sum, 0);
  }

  /** The operator's keys at the providers. */
  async providerKeys(): Promise<Record<string, string>> {
    const read = new GetSecretValueCommand({ SecretId: output(this.cloud, 'ProviderKeysSecret') });
    const { SecretString = '{}' } = await this.#secrets().send(read);
    return JSON.parse(SecretString);
  }

  /** What an operator does after a key was rotated. */
  async setProviderKeys(keys: Readonly<Record<string, string>>): Promise<void> {
    await this.#secrets().send(
      new PutSecretValueCommand({
        SecretId: output(this.cloud, 'ProviderKeysSecret'),
        SecretString: JSON.stringify(keys),
      }),
    );
  }

  #secrets(): SecretsManagerClient {
    const { client, cloud } = this.deployment;
    return new SecretsManagerClient({ ...client, endpoint: cloud.endpoints.secretsmanager });
  }

  get tasksTable(): string {
    return output(this.cloud, 'TasksTable');
  }

  get bucket(): string {
    return output(this.cloud, 'ImagesBucket');
  }
}

export interface SystemOptions {
  /** A callback is overdue after 1 s instead of 15 minutes. */
  readonly hasty?: boolean;
}

/** Call it in the body of a test file's `describe` or at its top. */
export async function startSystem({ hasty = false }: SystemOptions = {}): Promise<System> {
  const shared = inject('shared');
  const providerKey = randomUUID();
  const log: string[] = [];
  const without = process.env.WANHOOK_WITHOUT_GRANT;
  const deployment = await deployLocally({
    log: ({ text }) => log.push(text),
    withoutGrant: (grant) => labelOf(grant) === without,
    assembly: hasty ? shared.hastyAssembly : shared.assembly,
    apiKey: newKey(),
    owner: 'tester',
    providerKeys: forEachProvider(() => providerKey),
  });
  afterAll(() => deployment.cloud.stop());
  recordPermissions(deployment.cloud, shared.permissions);
  return new System(
    deployment,
    forEachProvider((name) => new StandInClient(shared.providers[name], providerKey)),
    log,
  );
}

/** A request that needs no more than its prompt. */
export const textToImage = (prompt: string, more: object = {}) => ({
  model: 'wan2.5-text-to-image',
  prompt,
  ...more,
});
