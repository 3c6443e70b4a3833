import {
  ChangeMessageVisibilityCommand,
  DeleteMessageBatchCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ListMessageMoveTasksCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
  StartMessageMoveTaskCommand,
} from '@aws-sdk/client-sqs';
import { expect, test } from 'vitest';
import { eventually } from '../../../../support/eventually.ts';
import { boot, clientOf, getAtt, queue } from '../stacks.ts';

async function bootQueue(properties: Record<string, unknown> = {}, more: Record<string, unknown> = {}) {
  const cloud = await boot({ Resources: { Jobs: queue({ QueueName: 'jobs', ...properties }), ...more } });
  const sqs = new SQSClient({ ...clientOf(cloud, 'sqs'), maxAttempts: 1 });
  const QueueUrl = cloud.queue('jobs').url;
  const receive = async (more = {}) =>
    (await sqs.send(new ReceiveMessageCommand({ QueueUrl, ...more }))).Messages ?? [];
  return { cloud, sqs, QueueUrl, receive };
}

const code = (error: unknown) => (error as Error).name;

test('a message comes back as it was sent, with the attributes that were asked for, until it is deleted', async () => {
  const { sqs, QueueUrl, receive, cloud } = await bootQueue();
  const MessageAttributes = {
    task: { DataType: 'String', StringValue: 'task_字' },
    bytes: { DataType: 'Binary', BinaryValue: Buffer.from([1, 2, 3]) },
  };

  const sent = await sqs.send(
    new SendMessageCommand({ QueueUrl, MessageBody: 'hello 世界', MessageAttributes }),
  );
  const [message] = await receive({ MessageAttributeNames: ['All'], MessageSystemAttributeNames: ['All'] });

  expect(message).toMatchObject({
    MessageId: sent.MessageId,
    Body: 'hello 世界',
    MD5OfMessageAttributes: sent.MD5OfMessageAttributes,
  });
  expect(message?.MessageAttributes?.task?.StringValue).toBe('task_字');
  expect([...(message?.MessageAttributes?.bytes?.BinaryValue ?? [])]).toEqual([1, 2, 3]);
  expect(message?.Attributes?.ApproximateReceiveCount).toBe('1');
  expect(cloud.queue('jobs').depth()).toEqual({ visible: 0, inFlight: 1, delayed: 0 });

  await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: message?.ReceiptHandle }));
  expect(cloud.queue('jobs').peek()).toEqual([]);
});

test('attributes that were not asked for are left out', async () => {
  const { sqs, QueueUrl, receive } = await bootQueue();
  const MessageAttributes = {
    a: { DataType: 'String', StringValue: '1' },
    b: { DataType: 'Number', StringValue: '2' },
  };
  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'x', MessageAttributes }));

  const [message] = await receive({ MessageAttributeNames: ['b'] });

  expect(Object.keys(message?.MessageAttributes ?? {})).toEqual(['b']);
  expect(message?.Attributes ?? {}).toEqual({});
});

test('a delayed message is received once its delay is over', async () => {
  const { sqs, QueueUrl, receive, cloud } = await bootQueue();
  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'later', DelaySeconds: 1 }));

  expect(await receive()).toEqual([]);
  expect(cloud.queue('jobs').depth().delayed).toBe(1);
  const [message] = await receive({ WaitTimeSeconds: 20 });

  expect(message?.Body).toBe('later');
});

test('a message that is not deleted comes back with a higher count; the old receipt deletes nothing', async () => {
  const { sqs, QueueUrl, receive, cloud } = await bootQueue();
  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'again' }));
  const [first] = await receive();

  await sqs.send(
    new ChangeMessageVisibilityCommand({
      QueueUrl,
      ReceiptHandle: first?.ReceiptHandle,
      VisibilityTimeout: 0,
    }),
  );
  const [second] = await receive({ MessageSystemAttributeNames: ['ApproximateReceiveCount'] });
  await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: first?.ReceiptHandle }));

  expect(second?.Attributes).toEqual({ ApproximateReceiveCount: '2' });
  expect(cloud.queue('jobs').depth().inFlight).toBe(1);
});

test('visibility: a message in flight is invisible for as long as its time-out', async () => {
  const { sqs, QueueUrl, receive } = await bootQueue({ VisibilityTimeout: 3 });
  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'x' }));
  await receive();

  expect(await receive()).toEqual([]);
  expect(await receive({ WaitTimeSeconds: 20 })).toHaveLength(1);
});

test('after the allowed number of receipts a message becomes a dead letter, and can be put back', async () => {
  const { cloud, sqs, QueueUrl, receive } = await bootQueue(
    { RedrivePolicy: { deadLetterTargetArn: getAtt('Dead', 'Arn'), maxReceiveCount: 2 } },
    { Dead: queue({ QueueName: 'dead' }) },
  );
  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'poison' }));
  await receive({ VisibilityTimeout: 0 });
  await receive({ VisibilityTimeout: 0 });

  expect(await receive()).toEqual([]);
  expect(cloud.queue('dead').peek()).toMatchObject([{ body: 'poison' }]);

  const SourceArn = cloud.queue('dead').arn;
  await sqs.send(new StartMessageMoveTaskCommand({ SourceArn }));
  await eventually(() => cloud.queue('jobs').depth().visible > 0);
  const { Results } = await sqs.send(new ListMessageMoveTasksCommand({ SourceArn }));
  expect(Results).toMatchObject([{ Status: 'COMPLETED', ApproximateNumberOfMessagesMoved: 1 }]);
  const [back] = await receive({ MessageSystemAttributeNames: ['ApproximateReceiveCount'] });
  expect(back).toMatchObject({ Body: 'poison', Attributes: { ApproximateReceiveCount: '1' } });
});

test('dead letters can be moved from a dead-letter queue only', async () => {
  const { cloud, sqs } = await bootQueue();

  const refused = sqs.send(new StartMessageMoveTaskCommand({ SourceArn: cloud.queue('jobs').arn }));

  await expect(refused).rejects.toThrow('must be configured as a Dead Letter Queue');
});

test('a batch: what is refused fails alone; ids must be distinct and plain, entries at most ten, all of them at most 1 MiB', async () => {
  const { sqs, QueueUrl, receive } = await bootQueue();
  const entry = (Id: string, MessageBody: string) => ({ Id, MessageBody });

  const mixed = await sqs.send(
    new SendMessageBatchCommand({ QueueUrl, Entries: [entry('a', 'fine'), entry('b', 'bad \u0000')] }),
  );
  expect(mixed.Successful).toMatchObject([{ Id: 'a' }]);
  expect(mixed.Failed).toMatchObject([{ Id: 'b', Code: 'InvalidMessageContents', SenderFault: true }]);

  const twice = sqs.send(
    new SendMessageBatchCommand({ QueueUrl, Entries: [entry('a', '1'), entry('a', '2')] }),
  );
  expect(code(await twice.catch((error: unknown) => error))).toBe('BatchEntryIdsNotDistinct');
  const eleven = Array.from({ length: 11 }, (_, index) => entry(`e${index}`, 'x'));
  const many = sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries: eleven }));
  expect(code(await many.catch((error: unknown) => error))).toBe('TooManyEntriesInBatchRequest');

  const wrongId = sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries: [entry('a b', '1')] }));
  expect(code(await wrongId.catch((error: unknown) => error))).toBe('InvalidBatchEntryId');
  const half = 'x'.repeat(524_289);
  const long = sqs.send(
    new SendMessageBatchCommand({ QueueUrl, Entries: [entry('a', half), entry('b', half)] }),
  );
  expect(code(await long.catch((error: unknown) => error))).toBe('BatchRequestTooLong');

  const [message] = await receive({ MaxNumberOfMessages: 10 });
  const Entries = [
    { Id: 'x', ReceiptHandle: message?.ReceiptHandle },
    { Id: 'y', ReceiptHandle: 'nonsense' },
  ];
  const deleted = await sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
  expect(deleted.Successful).toMatchObject([{ Id: 'x' }]);
  expect(deleted.Failed).toMatchObject([{ Id: 'y', Code: 'ReceiptHandleIsInvalid' }]);
});

test.each([
  ['more than 1 MiB', { MessageBody: 'x'.repeat(1_048_577) }, 'InvalidParameterValue'],
  [
    'more than 1 MiB with its attributes',
    {
      MessageBody: 'x'.repeat(1_048_570),
      MessageAttributes: { a: { DataType: 'String', StringValue: '1' } },
    },
    'InvalidParameterValue',
  ],
  ['control characters', { MessageBody: 'a\u0008' }, 'InvalidMessageContents'],
  ['U+FFFE', { MessageBody: 'a\uFFFE' }, 'InvalidMessageContents'],
  ['U+FFFF', { MessageBody: 'a\uFFFF' }, 'InvalidMessageContents'],
  ['a lone surrogate', { MessageBody: 'a\uD800' }, 'InvalidMessageContents'],
  [
    'U+FFFE in an attribute',
    { MessageBody: 'x', MessageAttributes: { a: { DataType: 'String', StringValue: '\uFFFE' } } },
    'InvalidMessageContents',
  ],
  ['nothing', { MessageBody: '' }, 'MissingParameter'],
  ['a delay of more than 15 minutes', { MessageBody: 'x', DelaySeconds: 901 }, 'InvalidParameterValue'],
])('refused: %s', async (_, message, expected) => {
  const { sqs, QueueUrl, cloud } = await bootQueue();

  const error = await sqs
    .send(new SendMessageCommand({ QueueUrl, ...message }))
    .catch((reason: unknown) => reason);

  expect(code(error)).toBe(expected);
  expect(cloud.queue('jobs').peek()).toEqual([]);
});

test('the characters next to those refused are taken', async () => {
  const { sqs, QueueUrl, receive } = await bootQueue();
  const MessageBody = '\t\n\r \uD7FF\uE000\uFFFD\u{10000}\u{10FFFF}';

  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody }));

  expect(await receive()).toMatchObject([{ Body: MessageBody }]);
});

test('visibility is capped at twelve hours, counted from the receipt', async () => {
  const { sqs, QueueUrl, receive } = await bootQueue();
  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'x' }));
  const [message] = await receive();
  await new Promise((resolve) => setTimeout(resolve, 5));
  const change = (VisibilityTimeout: number) =>
    sqs.send(
      new ChangeMessageVisibilityCommand({
        QueueUrl,
        ReceiptHandle: message?.ReceiptHandle,
        VisibilityTimeout,
      }),
    );

  await expect(change(43_201)).rejects.toThrow('Must be between 0 and 43200');
  await expect(change(43_200)).rejects.toThrow('beyond the limit [43200 seconds]');
  await expect(change(43_000)).resolves.toBeDefined();
});

test('a queue that does not exist is the documented error', async () => {
  const { sqs, QueueUrl } = await bootQueue();

  const sent = await sqs
    .send(new SendMessageCommand({ QueueUrl: `${QueueUrl}x`, MessageBody: 'x' }))
    .catch((e: unknown) => e);
  const named = await sqs.send(new GetQueueUrlCommand({ QueueName: 'nobody' })).catch((e: unknown) => e);

  expect([code(sent), code(named)]).toEqual(['QueueDoesNotExist', 'QueueDoesNotExist']);
});

test('the attributes of a queue tell its settings and its depth', async () => {
  const { sqs, QueueUrl } = await bootQueue({ DelaySeconds: 5, VisibilityTimeout: 60 });
  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'x' }));

  const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }));

  expect(Attributes).toMatchObject({
    ApproximateNumberOfMessages: '0',
    ApproximateNumberOfMessagesDelayed: '1',
    VisibilityTimeout: '60',
    QueueArn: 'arn:aws:sqs:us-east-1:000000000000:jobs',
  });
});
