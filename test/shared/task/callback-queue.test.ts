/** Our own messages in the callbacks queue: in order within their task, and no task behind another. */
import type { SendMessageCommandInput, SQSClient } from '@aws-sdk/client-sqs';
import { expect, test } from 'vitest';
import { decodeMessage } from '../../../shared/task/callback-message.ts';
import { enqueuer } from '../../../shared/task/callback-queue.ts';
import { signerWith } from '../../support/signers.ts';

test('each is in the group of its task, is taken for no other, and can be believed', async () => {
  const sent: SendMessageCommandInput[] = [];
  const sqs = {
    send: async ({ input }: { input: SendMessageCommandInput }) => void sent.push(input),
  } as unknown as SQSClient;
  const enqueue = enqueuer(sqs, 'https://sqs/callbacks.fifo', async () => signerWith());
  const message = (taskId: string) =>
    ({ kind: 'read', taskId, providerTaskId: 'p-1', answer: Buffer.from('{}') }) as const;

  for (const taskId of ['task_1', 'task_1', 'task_2']) await enqueue(message(taskId));

  expect(sent.map(({ MessageGroupId }) => MessageGroupId)).toEqual(['task_1', 'task_1', 'task_2']);
  expect(new Set(sent.map(({ MessageDeduplicationId }) => MessageDeduplicationId)).size).toBe(3);
  const [{ MessageBody: body = '', MessageAttributes: attributes = {} } = {}] = sent;
  const attribute = (name: string) => attributes[name]?.StringValue ?? '';
  const queued = {
    taskId: attribute('taskId'),
    signature: attribute('signature'),
    kind: attribute('kind'),
    body,
  };
  expect(decodeMessage(signerWith(), queued)).toEqual(message('task_1'));
});
