/** Dead letters in SQS: how many are queued, and the way back into a queue. */
import { setTimeout as sleep } from 'node:timers/promises';
import {
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  ListMessageMoveTasksCommand,
  type Message,
  ReceiveMessageCommand,
  type SQSClient,
  StartMessageMoveTaskCommand,
} from '@aws-sdk/client-sqs';

/** How long a received dead letter is hidden from another run: enough for a scan of the table. */
const HIDDEN_SECONDS = 900;
const POLL_MS = 500;

/** Messages in a queue, in flight and delayed ones too; SQS itself calls the figure approximate. */
export async function queued(sqs: SQSClient, QueueUrl: string): Promise<number> {
  const names = [
    'ApproximateNumberOfMessages',
    'ApproximateNumberOfMessagesNotVisible',
    'ApproximateNumberOfMessagesDelayed',
  ] as const;
  const { Attributes } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: [...names] }),
  );
  return names.reduce((sum, name) => sum + Number(Attributes?.[name] ?? 0), 0);
}

/**
 * Lets SQS move everything that is visible, and waits for the end.
 * The destination is named although SQS knows where its own dead letters came from: one that somebody put there by hand
 * has no such memory, and would end the whole move.
 * @returns how many were moved
 * @throws Error with SQS's reason when the move did not complete
 */
export async function move(sqs: SQSClient, from: string, to: string): Promise<number> {
  const [SourceArn, DestinationArn] = await Promise.all([arnOf(sqs, from), arnOf(sqs, to)]);
  const latest = async () =>
    (await sqs.send(new ListMessageMoveTasksCommand({ SourceArn, MaxResults: 1 }))).Results?.[0];
  const before = (await latest())?.StartedTimestamp;
  await sqs.send(new StartMessageMoveTaskCommand({ SourceArn, DestinationArn }));
  for (;;) {
    const task = await latest();
    const isOurs = task !== undefined && task.StartedTimestamp !== before;
    if (isOurs && task.Status === 'COMPLETED') return Number(task.ApproximateNumberOfMessagesMoved ?? 0);
    if (isOurs && (task.Status === 'FAILED' || task.Status === 'CANCELLED')) {
      throw new Error(`SQS ended the move as ${task.Status}: ${task.FailureReason ?? 'no reason given'}`);
    }
    await sleep(POLL_MS);
  }
}

/** Receives until nothing is left; what is not deleted shows again after 15 minutes. */
export async function* messagesIn(sqs: SQSClient, QueueUrl: string): AsyncGenerator<Message> {
  // Only a receive that waits asks all of SQS's servers: an empty answer then means empty.
  const receive = {
    QueueUrl,
    MaxNumberOfMessages: 10,
    WaitTimeSeconds: 1,
    VisibilityTimeout: HIDDEN_SECONDS,
  };
  for (;;) {
    const { Messages = [] } = await sqs.send(new ReceiveMessageCommand(receive));
    if (Messages.length === 0) return;
    yield* Messages;
  }
}

export async function remove(sqs: SQSClient, QueueUrl: string, message: Message): Promise<void> {
  await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: message.ReceiptHandle! }));
}

async function arnOf(sqs: SQSClient, QueueUrl: string): Promise<string> {
  const { Attributes } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }),
  );
  return Attributes!.QueueArn!;
}
