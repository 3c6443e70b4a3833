/** The requests of the SQS API that the local cloud knows, member by member. */

import * as z from 'zod';
import { messageAttributes } from './message.ts';

const queueUrl = z.string();
const attributeNames = z.array(z.string()).optional();
/** Its form is checked with the batch: a wrong one is an error of its own. */
const entryId = z.string();

export const byQueueUrl = z.strictObject({ QueueUrl: queueUrl });

export const sendMessage = z.strictObject({
  QueueUrl: queueUrl,
  MessageBody: z.string(),
  MessageAttributes: messageAttributes.optional(),
  DelaySeconds: z.number().optional(),
  MessageGroupId: z.string().optional(),
  MessageDeduplicationId: z.string().optional(),
});

export const sendMessageBatch = z.strictObject({
  QueueUrl: queueUrl,
  Entries: z.array(sendMessage.omit({ QueueUrl: true }).extend({ Id: entryId })),
});

export const receiveMessage = z.strictObject({
  QueueUrl: queueUrl,
  MaxNumberOfMessages: z.int().min(1).max(10).default(1),
  VisibilityTimeout: z.int().min(0).max(43_200).optional(),
  WaitTimeSeconds: z.int().min(0).max(20).optional(),
  AttributeNames: attributeNames,
  MessageSystemAttributeNames: attributeNames,
  MessageAttributeNames: attributeNames,
});

export const deleteMessage = z.strictObject({ QueueUrl: queueUrl, ReceiptHandle: z.string() });

export const deleteMessageBatch = z.strictObject({
  QueueUrl: queueUrl,
  Entries: z.array(z.strictObject({ Id: entryId, ReceiptHandle: z.string() })),
});

export const changeVisibility = deleteMessage.extend({ VisibilityTimeout: z.number() });

export const changeVisibilityBatch = z.strictObject({
  QueueUrl: queueUrl,
  Entries: z.array(z.strictObject({ Id: entryId, ReceiptHandle: z.string(), VisibilityTimeout: z.number() })),
});

export const getQueueUrl = z.strictObject({
  QueueName: z.string(),
  QueueOwnerAWSAccountId: z.string().optional(),
});
export const getQueueAttributes = z.strictObject({ QueueUrl: queueUrl, AttributeNames: attributeNames });
export const listQueues = z.strictObject({
  QueueNamePrefix: z.string().default(''),
  MaxResults: z.number().optional(),
});
export const startMove = z.strictObject({
  SourceArn: z.string(),
  DestinationArn: z.string().optional(),
});
export const listMoves = z.strictObject({ SourceArn: z.string(), MaxResults: z.number().optional() });
