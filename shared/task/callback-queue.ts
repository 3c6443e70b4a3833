/** Puts our own messages into the callbacks queue. */
import { randomUUID } from 'node:crypto';
import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { Signer } from '../security/signer.ts';
import { encodeMessage, type OwnMessage } from './callback-message.ts';

/** Puts one message into the queue. @throws what SQS throws */
export type Enqueue = (message: OwnMessage) => Promise<void>;

/** @param queueUrl of the FIFO queue (docs/decisions/callback-order.md) */
export function enqueuer(client: SQSClient, queueUrl: string, signer: () => Promise<Signer>): Enqueue {
  return async (message) => {
    const { body, taskId, kind, signature } = encodeMessage(await signer(), message);
    await client.send(
      new SendMessageCommand({
        QueueUrl: queueUrl,
        MessageBody: body,
        MessageAttributes: {
          taskId: stringAttribute(taskId),
          kind: stringAttribute(kind),
          signature: stringAttribute(signature),
        },
        // Messages of one task are handled in their order, and none is taken for another.
        MessageGroupId: taskId,
        MessageDeduplicationId: randomUUID(),
      }),
    );
  };
}

const stringAttribute = (StringValue: string) => ({ DataType: 'String', StringValue });
