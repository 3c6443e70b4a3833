/** Puts our own messages into the callbacks queue. */
import { randomUUID } from 'node:crypto';
import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { Signer } from '../security/signer.ts';
import { encodeMessage, type OwnMessage } from './callback-message.ts';

/** Puts one message into the queue. @throws what SQS throws */
export type Enqueue = (message: OwnMessage) => Promise<void>;

export function enqueuer(client: SQSClient, queueUrl: string, signer: () => Promise<Signer>): Enqueue {
  // Messages of one task are handled in their order, and none is taken for another.
  const order = (taskId: string) =>
    queueUrl.endsWith('.fifo') ? { MessageGroupId: taskId, MessageDeduplicationId: randomUUID() } : {};
  return async (message) => {
    const { body, taskId, kind, signature } = encodeMessage(await signer(), message);
    await client.send(
      new SendMessageCommand({
        QueueUrl: queueUrl,
        MessageBody: body,
        MessageAttributes: Object.fromEntries(
          Object.entries({ taskId, kind, signature }).map(([name, StringValue]) => [
            name,
            { DataType: 'String', StringValue },
          ]),
        ),
        ...order(taskId),
      }),
    );
  };
}
