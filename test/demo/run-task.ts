/** Sends one request, waits for its event, and proves that every image is what the record and the event say. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { Wanhook } from '../../client/index.ts';
import { output } from '../../infra/local/deploy.ts';
import type { ProviderName } from '../../shared/providers/definitions.ts';
import { sha256 } from '../../shared/runtime/json.ts';
import type { TaskRecord } from '../../shared/task/record.ts';
import type { Harness, Heard } from '../support/harness.ts';
import type { DemoRequest } from './requests.ts';

export interface DemoResult {
  readonly title: string;
  readonly model: string;
  readonly prompt: string;
  readonly taskId: string;
  /** Milliseconds from the create to the end, as the provider has it. */
  readonly providerMs: number;
  /** Milliseconds from the callback (or the read that brought the end) to the event. */
  readonly oursMs: number;
  readonly files: readonly string[];
  readonly results: readonly string[];
  /** What is not as it must be; empty when all is well. */
  readonly problems: readonly string[];
}

export async function runTask(
  harness: Harness,
  request: DemoRequest,
  directory: string,
): Promise<DemoResult> {
  const task = await clientOf(harness).submit(request.body);
  const heard = await harness.outcomeOf(task.id);
  const record = await readRecord(harness, task.id);
  const images = await Promise.all(heard.detail.task.results.map(fetchImage));
  const files = await Promise.all(images.map((bytes, index) => save(directory, task.id, index, bytes)));
  return {
    title: request.title,
    model: request.body.model,
    prompt: heard.detail.task.prompt,
    taskId: task.id,
    ...(await timesOf(harness, record, heard)),
    files,
    results: heard.detail.task.results,
    problems: problemsOf(request, heard, record, images),
  };
}

const clientOf = ({ deployment: { cloud, apiKey } }: Harness): Wanhook =>
  new Wanhook({ baseUrl: cloud.apiUrl, apiKey });

async function readRecord({ deployment: { cloud, client } }: Harness, id: string): Promise<TaskRecord> {
  const dynamodb = new DynamoDBClient({ ...client, endpoint: cloud.endpoints.dynamodb });
  const { Item } = await dynamodb.send(
    new GetItemCommand({
      TableName: output(cloud, 'TasksTable'),
      Key: marshall({ id }),
      ConsistentRead: true,
    }),
  );
  return unmarshall(Item!) as TaskRecord;
}

/** As a caller would: with nothing but the link, which leads on to the bucket. */
async function fetchImage(url: string): Promise<Buffer> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`The link of an image answers ${response.status}`);
  return Buffer.from(await response.arrayBuffer());
}

async function save(directory: string, taskId: string, index: number, bytes: Buffer): Promise<string> {
  await mkdir(directory, { recursive: true });
  const file = join(directory, `${taskId}-${index}.png`);
  await writeFile(file, bytes);
  return file;
}

async function timesOf({ providers }: Harness, record: TaskRecord, { at }: Heard) {
  const provider = providers[record.provider as ProviderName];
  const view = (await provider.tasks()).find(({ id }) => id === record.provider_task_id);
  const { callbacks, requests } = await provider.calls();
  const told = [
    ...callbacks.filter(({ taskId }) => taskId === record.provider_task_id),
    ...requests.filter(
      ({ method, path }) => method === 'GET' && path.endsWith(`/${record.provider_task_id}`),
    ),
  ];
  const toldAt = Math.max(...told.map((entry) => entry.at).filter((time) => time <= at));
  return {
    providerMs: (view?.completedAt ?? Number.NaN) - (view?.createdAt ?? Number.NaN),
    oursMs: at - toldAt,
  };
}

function problemsOf(
  request: DemoRequest,
  heard: Heard,
  record: TaskRecord,
  images: readonly Buffer[],
): string[] {
  const { task } = heard.detail;
  const texts = task.output.flatMap(({ content }) => content).filter(({ type }) => type === 'text');
  const sums = images.map((bytes) => sha256(bytes));
  return [
    ...expect('status', task.status, 'completed'),
    ...expect('images', images.length, request.images),
    ...expect('texts', texts.length, request.texts),
    ...expect('checksums in the event', task.images.map((image) => image.sha256).join(), sums.join()),
    ...expect(
      'checksums in the record',
      (record.images ?? []).map((image) => image.sha256).join(),
      sums.join(),
    ),
  ];
}

const expect = (what: string, is: unknown, should: unknown): string[] =>
  is === should ? [] : [`${what}: ${String(is)} instead of ${String(should)}`];
