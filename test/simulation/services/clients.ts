/** The SDK's clients of one instance, over the simulated services. */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import type { S3Client } from '@aws-sdk/client-s3';
import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import {
  ChangeMessageVisibilityCommand,
  type MessageAttributeValue,
  SendMessageBatchCommand,
  SendMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import type { Story } from '../story.ts';
import type { SimulatedBucket, SimulatedBus, SimulatedSecrets } from './bus.ts';
import { Gap } from './gap.ts';
import type { Instance } from './lambda.ts';
import type { SimulatedQueue } from './queue.ts';
import type { Requests, Service } from './requests.ts';
import type { SimulatedTable } from './table.ts';

export interface Services {
  readonly table: SimulatedTable;
  readonly bus: SimulatedBus;
  readonly bucket: SimulatedBucket;
  readonly secrets: SimulatedSecrets;
  /** By URL. */
  readonly queues: ReadonlyMap<string, SimulatedQueue>;
}

export interface Clients {
  readonly dynamodb: DynamoDBClient;
  readonly sqs: SQSClient;
  readonly eventBridge: EventBridgeClient;
  readonly s3: S3Client;
  readonly secretsManager: SecretsManagerClient;
}

/** @param beforeEffect told of every command when it takes place, before it does */
export function clientsOf(
  { table, bus, bucket, secrets, queues }: Services,
  requests: Requests,
  story: Story,
  instance: Instance,
  beforeEffect: (command: object) => void,
): Clients {
  const client = (service: Service, perform: (command: object) => object) => ({
    send: (command: object) =>
      requests.send(
        instance,
        service,
        () => described(command, story),
        () => {
          beforeEffect(command);
          return perform(command);
        },
      ),
  });
  return {
    dynamodb: client('table', (command) => table.perform(command)),
    sqs: client('queue', (command) => performOnQueue(queues, command)),
    eventBridge: client('bus', (command) => bus.perform(command)),
    s3: client('bucket', (command) => bucket.perform(command)),
    secretsManager: client('secrets', (command) => secrets.perform(command)),
  } as unknown as Clients;
}

function performOnQueue(queues: ReadonlyMap<string, SimulatedQueue>, command: object): object {
  const { QueueUrl = '' } = (command as SendMessageCommand).input;
  const queue = queues.get(QueueUrl);
  if (!queue) throw new Gap(`the queue ${QueueUrl}`);
  if (command instanceof SendMessageCommand) {
    queue.send(sentBy(command.input));
    return {};
  }
  if (command instanceof SendMessageBatchCommand) return sendBatch(queue, command);
  if (command instanceof ChangeMessageVisibilityCommand) {
    queue.hide(command.input.ReceiptHandle ?? '', command.input.VisibilityTimeout ?? 0);
    return {};
  }
  throw new Gap(`${command.constructor.name} on a queue`);
}

/** SQS takes or refuses each entry for itself. */
function sendBatch(queue: SimulatedQueue, { input: { Entries = [] } }: SendMessageBatchCommand): object {
  const Failed = Entries.flatMap((entry) => {
    try {
      queue.send(sentBy(entry));
      return [];
    } catch (error) {
      return [{ Id: entry.Id, Code: (error as Error).name }];
    }
  });
  return Failed.length > 0 ? { Failed } : {};
}

interface Entry {
  readonly MessageBody?: string | undefined;
  readonly DelaySeconds?: number | undefined;
  readonly MessageAttributes?: Record<string, MessageAttributeValue> | undefined;
  readonly MessageGroupId?: string | undefined;
  readonly MessageDeduplicationId?: string | undefined;
}

const sentBy = (entry: Entry) => ({
  body: entry.MessageBody ?? '',
  attributes: Object.fromEntries(
    Object.entries(entry.MessageAttributes ?? {}).map(([name, { StringValue = '' }]) => [name, StringValue]),
  ),
  delaySeconds: entry.DelaySeconds ?? 0,
  ...(entry.MessageGroupId !== undefined && { group: entry.MessageGroupId }),
  ...(entry.MessageDeduplicationId !== undefined && { deduplication: entry.MessageDeduplicationId }),
});

/** `UpdateItem A: submission, attempt`. */
function described(command: object, story: Story): string {
  const { input } = command as { input: Record<string, unknown> };
  const text =
    JSON.stringify(
      input.Key ?? input.Item ?? input.TransactItems ?? input.Entries ?? input.MessageBody ?? '',
    ) ?? '';
  const id = /task_[0-9A-Z]{26}/.exec(`${text} ${input.Key} ${input.MessageGroupId}`)?.[0];
  const names = Object.values((input.ExpressionAttributeNames ?? {}) as Record<string, string>);
  const about = input.UpdateExpression ? `: ${[...new Set(names)].join(', ')}` : '';
  const name = command.constructor.name.replace(/Command$/, '');
  return `${name}${id ? ` ${story.nameOf(id)}` : ''}${about}`;
}
