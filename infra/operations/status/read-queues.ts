/** The queues, and who reads them and the table's stream. */
import { DescribeTableCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  type EventSourceMappingConfiguration,
  type LambdaClient,
  paginateListEventSourceMappings,
} from '@aws-sdk/client-lambda';
import { GetQueueAttributesCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { DEAD_LETTERS, type QueueFact, type SourceFact, type StatusOutputs, WORK_QUEUES } from './facts.ts';

const COUNTS = [
  'ApproximateNumberOfMessages',
  'ApproximateNumberOfMessagesNotVisible',
  'ApproximateNumberOfMessagesDelayed',
] as const;

export function readQueues(sqs: SQSClient, outputs: StatusOutputs): Promise<QueueFact[]> {
  return Promise.all(
    [...WORK_QUEUES, ...DEAD_LETTERS].map(async (name) => {
      const { Attributes = {} } = await sqs.send(
        new GetQueueAttributesCommand({
          QueueUrl: outputs[name],
          AttributeNames: ['QueueArn', ...COUNTS],
        }),
      );
      const messages = COUNTS.reduce((sum, count) => sum + Number(Attributes[count] ?? 0), 0);
      return { name, arn: Attributes.QueueArn ?? '', messages };
    }),
  );
}

/** @throws Error when the table has no stream */
export async function readSources(
  clients: { readonly lambda: LambdaClient; readonly dynamodb: DynamoDBClient },
  queues: readonly QueueFact[],
  { TasksTable }: StatusOutputs,
): Promise<SourceFact[]> {
  const { Table } = await clients.dynamodb.send(new DescribeTableCommand({ TableName: TasksTable }));
  if (!Table?.LatestStreamArn) throw new Error(`The table ${TasksTable} has no stream`);
  const worked = queues.filter(({ name }) => (WORK_QUEUES as readonly string[]).includes(name));
  const sources = [...worked, { name: 'stream', arn: Table.LatestStreamArn }];
  return Promise.all(
    sources.map(async ({ name, arn }) => ({ name, readers: await readersOf(clients.lambda, arn) })),
  );
}

async function readersOf(client: LambdaClient, EventSourceArn: string) {
  const found: EventSourceMappingConfiguration[] = [];
  for await (const page of paginateListEventSourceMappings({ client }, { EventSourceArn })) {
    found.push(...(page.EventSourceMappings ?? []));
  }
  return found.map(({ UUID = '', FunctionArn = '', State = '' }) => ({
    uuid: UUID,
    functionName: FunctionArn.split(':')[6] ?? FunctionArn,
    state: State,
  }));
}
