/** The SQS API over the local queues. */

import { operation } from '../aws/api.ts';
import { AwsError } from '../aws/aws-error.ts';
import type { JsonService } from '../aws/json-service.ts';
import {
  create,
  createQueue,
  type QueueCreation,
  remove,
  setPolicy,
  setQueueAttributes,
} from './create-queue.ts';
import { md5OfAttributes } from './md5.ts';
import { invalid, MAX_MESSAGE_BYTES, type MessageAttributes, messageBytes } from './message.ts';
import { need, needsOfMove } from './permissions.ts';
import type { Queue } from './queue.ts';
import { attributesOf, named } from './queue-attributes.ts';
import type { Queues } from './queues.ts';
import { type ReceivedMessage, systemAttributes } from './received-message.ts';
import * as schemas from './sqs-schemas.ts';

/** The SQS service; `urlOf` gives a queue's URL. */
export function sqsService(creation: QueueCreation, urlOf: (queue: Queue) => string): JsonService {
  const { queues } = creation;
  const at = (input: { QueueUrl: string }): Queue => queues.byUrl(input.QueueUrl);
  const may = (action: string) => (input: { QueueUrl: string }) => need(action, at(input).settings.arn);
  return {
    name: 'SQS',
    target: 'AmazonSQS',
    contentType: 'application/x-amz-json-1.0',
    invalidCode: 'InvalidParameterValue',
    denied: (refusal) => refusal.ofSqs,
    operations: {
      SendMessage: operation(schemas.sendMessage, may('SendMessage'), (input) => {
        at(input).countSending([input.MessageGroupId ?? '']);
        return send(at(input), input);
      }),
      SendMessageBatch: operation(schemas.sendMessageBatch, may('SendMessage'), (input) => {
        const bytes = input.Entries.reduce(
          (sum, one) => sum + messageBytes(one.MessageBody, one.MessageAttributes ?? {}),
          0,
        );
        if (bytes > MAX_MESSAGE_BYTES) {
          throw batchError('BatchRequestTooLong', `The batch is longer than ${MAX_MESSAGE_BYTES} bytes.`);
        }
        at(input).countSending(input.Entries.map((one) => one.MessageGroupId ?? ''));
        return batch(input.Entries, (entry) => send(at(input), entry));
      }),
      ReceiveMessage: operation(schemas.receiveMessage, may('ReceiveMessage'), async (input) => ({
        Messages: (await receive(at(input), input)).map((message) => asReceived(message, input)),
      })),
      DeleteMessage: operation(schemas.deleteMessage, may('DeleteMessage'), (input) =>
        at(input).delete(input.ReceiptHandle),
      ),
      DeleteMessageBatch: operation(schemas.deleteMessageBatch, may('DeleteMessage'), (input) =>
        batch(input.Entries, (entry) => at(input).delete(entry.ReceiptHandle)),
      ),
      ChangeMessageVisibility: operation(schemas.changeVisibility, may('ChangeMessageVisibility'), (input) =>
        at(input).changeVisibility(input.ReceiptHandle, input.VisibilityTimeout),
      ),
      ChangeMessageVisibilityBatch: operation(
        schemas.changeVisibilityBatch,
        may('ChangeMessageVisibility'),
        (input) =>
          batch(input.Entries, (entry) =>
            at(input).changeVisibility(entry.ReceiptHandle, entry.VisibilityTimeout),
          ),
      ),
      CreateQueue: operation(
        createQueue,
        ({ QueueName }) => need('CreateQueue', creation.arnOf(QueueName)),
        (input) => ({ QueueUrl: urlOf(create(creation, input)) }),
      ),
      SetQueueAttributes: operation(setQueueAttributes, may('SetQueueAttributes'), (input) =>
        setPolicy(creation, at(input), input.Attributes.Policy),
      ),
      DeleteQueue: operation(schemas.byQueueUrl, may('DeleteQueue'), (input) => remove(creation, at(input))),
      PurgeQueue: operation(schemas.byQueueUrl, may('PurgeQueue'), (input) => at(input).purge()),
      GetQueueUrl: operation(
        schemas.getQueueUrl,
        ({ QueueName }) => need('GetQueueUrl', queues.named(QueueName).settings.arn),
        (input) => ({
          QueueUrl: urlOf(queues.named(input.QueueName)),
        }),
      ),
      GetQueueAttributes: operation(schemas.getQueueAttributes, may('GetQueueAttributes'), (input) => ({
        Attributes: named(attributesOf(at(input)), input.AttributeNames ?? []),
      })),
      ListQueues: operation(
        schemas.listQueues,
        () => need('ListQueues', '*'),
        (input) => ({
          QueueUrls: queues
            .all()
            .filter((queue) => queue.settings.name.startsWith(input.QueueNamePrefix))
            .map((queue) => urlOf(queue)),
        }),
      ),
      ListDeadLetterSourceQueues: operation(
        schemas.byQueueUrl,
        may('ListDeadLetterSourceQueues'),
        (input) => ({
          queueUrls: queues.sourcesOf(at(input).settings.arn).map((queue) => urlOf(queue)),
        }),
      ),
      StartMessageMoveTask: operation(
        schemas.startMove,
        (input) => needsOfMove(queues, input),
        (input) => ({
          TaskHandle: queues.startMove(input.SourceArn, input.DestinationArn).handle,
        }),
      ),
      ListMessageMoveTasks: operation(
        schemas.listMoves,
        ({ SourceArn }) => need('ListMessageMoveTasks', SourceArn),
        (input) => ({
          Results: movesOf(queues, input.SourceArn),
        }),
      ),
    },
  };
}

function send(
  queue: Queue,
  entry: {
    MessageBody: string;
    MessageAttributes?: MessageAttributes | undefined;
    DelaySeconds?: number | undefined;
    MessageGroupId?: string | undefined;
    MessageDeduplicationId?: string | undefined;
  },
) {
  const attributes = entry.MessageAttributes ?? {};
  const { messageId, bodyMd5, sequenceNumber } = queue.sendInBatch(entry.MessageBody, {
    attributes,
    delaySeconds: entry.DelaySeconds,
    messageGroupId: entry.MessageGroupId,
    deduplicationId: entry.MessageDeduplicationId,
  });
  return {
    MessageId: messageId,
    MD5OfMessageBody: bodyMd5,
    ...(Object.keys(attributes).length > 0 && { MD5OfMessageAttributes: md5OfAttributes(attributes) }),
    ...(sequenceNumber !== undefined && { SequenceNumber: sequenceNumber }),
  };
}

async function receive(
  queue: Queue,
  input: {
    MaxNumberOfMessages: number;
    VisibilityTimeout?: number | undefined;
    WaitTimeSeconds?: number | undefined;
  },
): Promise<ReceivedMessage[]> {
  const options = { visibilityTimeout: input.VisibilityTimeout };
  const wait = (input.WaitTimeSeconds ?? queue.settings.receiveWaitSeconds) * 1000;
  if (wait === 0) queue.refuseOverLimit();
  const deadline = Date.now() + wait;
  for (;;) {
    const messages = queue.receive(input.MaxNumberOfMessages, options);
    const left = deadline - Date.now();
    if (messages.length > 0 || left <= 0) return messages;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(wake, left).unref();
      const stop = queue.onVisible(wake);
      function wake(): void {
        clearTimeout(timer);
        stop();
        resolve();
      }
    });
  }
}

/** Which of a message's attributes a receiver asks for. */
interface RequestedAttributes {
  AttributeNames?: string[] | undefined;
  MessageSystemAttributeNames?: string[] | undefined;
  MessageAttributeNames?: string[] | undefined;
}

/** A message in SQS's form, with no other attributes than those that were asked for. */
function asReceived(message: ReceivedMessage, requested: RequestedAttributes) {
  const system = [...(requested.AttributeNames ?? []), ...(requested.MessageSystemAttributeNames ?? [])];
  const own = requested.MessageAttributeNames ?? [];
  const attributes = filterNames(message.attributes, (name) =>
    own.some((pattern) => nameMatches(pattern, name)),
  );
  return {
    MessageId: message.messageId,
    ReceiptHandle: message.receiptHandle,
    Body: message.body,
    MD5OfBody: message.bodyMd5,
    Attributes: filterNames(
      systemAttributes(message),
      (name) => system.includes('All') || system.includes(name),
    ),
    ...(Object.keys(attributes).length > 0 && {
      MessageAttributes: attributes,
      MD5OfMessageAttributes: md5OfAttributes(attributes),
    }),
  };
}

function nameMatches(pattern: string, name: string): boolean {
  if (pattern === 'All' || pattern === '.*') return true;
  return pattern.endsWith('.*') ? name.startsWith(pattern.slice(0, -1)) : pattern === name;
}

function filterNames<T>(all: Record<string, T>, isWanted: (name: string) => boolean): Record<string, T> {
  return Object.fromEntries(Object.entries(all).filter(([name]) => isWanted(name)));
}

/** Runs `each` for every entry of a batch; one that SQS refuses fails alone. */
function batch<E extends { Id: string }>(entries: readonly E[], each: (entry: E) => unknown) {
  checkEntries(entries);
  const Successful: object[] = [];
  const Failed: object[] = [];
  for (const entry of entries) {
    try {
      Successful.push({ Id: entry.Id, ...(each(entry) as object | undefined) });
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      if (error.code === 'QueueDoesNotExist') throw error;
      Failed.push({ Id: entry.Id, Code: error.code, Message: error.message, SenderFault: true });
    }
  }
  return { Successful, Failed };
}

function checkEntries(entries: readonly { Id: string }[]): void {
  if (entries.length === 0) {
    throw batchError('EmptyBatchRequest', 'There should be at least one entry in the request.');
  }
  if (entries.length > 10) {
    throw batchError('TooManyEntriesInBatchRequest', 'Maximum number of entries per request are 10.');
  }
  if (entries.some(({ Id }) => !/^[\w-]{1,80}$/.test(Id))) {
    throw batchError(
      'InvalidBatchEntryId',
      'A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long.',
    );
  }
  if (new Set(entries.map(({ Id }) => Id)).size < entries.length) {
    throw batchError('BatchEntryIdsNotDistinct', 'Two or more batch entries have the same Id.');
  }
}

function batchError(code: string, message: string): AwsError {
  return new AwsError(code, message, { queryCode: `AWS.SimpleQueueService.${code}` });
}

function movesOf(queues: Queues, sourceArn: string): object[] {
  if (!queues.byArn(sourceArn)) throw invalid(`There is no queue ${sourceArn}.`);
  return queues.moves
    .filter((task) => task.sourceArn === sourceArn)
    .map((task) => ({
      ...(task.status === 'RUNNING' && { TaskHandle: task.handle }),
      SourceArn: task.sourceArn,
      DestinationArn: task.destinationArn,
      Status: task.status,
      ApproximateNumberOfMessagesMoved: task.moved,
      FailureReason: task.failure,
      StartedTimestamp: task.startedAt,
    }));
}
