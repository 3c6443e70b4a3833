import { ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { expect, test } from 'vitest';
import { boot, clientOf, getAtt, queue, ref, role, type Stack } from '../stacks.ts';
import { route, stage } from './http-api-stack.ts';

const ATTRIBUTES = '{"taskId":{"DataType":"String","StringValue":"$' + '{request.path.taskId}"}}';

function stackOf(parameters: object = {}, callbacks: object = {}): Stack {
  return {
    Resources: {
      Api: { Type: 'AWS::ApiGatewayV2::Api', Properties: { Name: 'api', ProtocolType: 'HTTP' } },
      Stage: stage(),
      Callbacks: queue({ QueueName: 'callbacks', ...callbacks }),
      Role: role('apigateway.amazonaws.com', [
        { Effect: 'Allow', Action: 'sqs:SendMessage', Resource: getAtt('Callbacks', 'Arn') },
      ]),
      Integration: {
        Type: 'AWS::ApiGatewayV2::Integration',
        Properties: {
          ApiId: ref('Api'),
          IntegrationType: 'AWS_PROXY',
          IntegrationSubtype: 'SQS-SendMessage',
          PayloadFormatVersion: '1.0',
          ConnectionType: 'INTERNET',
          CredentialsArn: getAtt('Role', 'Arn'),
          RequestParameters: {
            QueueUrl: ref('Callbacks'),
            MessageBody: '$request.body',
            MessageAttributes: ATTRIBUTES,
            ...parameters,
          },
        },
      },
      Route: route('POST /callbacks/{taskId}'),
    },
  };
}

async function bootApi(parameters: object = {}, callbacks: object = {}) {
  const cloud = await boot(stackOf(parameters, callbacks));
  const post = (body: string | Buffer, taskId = 'task_1', headers = {}) =>
    fetch(`${cloud.apiUrl}/callbacks/${taskId}`, { method: 'POST', body: body as string, headers });
  return { cloud, post, queued: () => cloud.queue('callbacks').peek() };
}

test('a request becomes a message: the body as it is, the path as attributes', async () => {
  const { cloud, post, queued } = await bootApi();

  const response = await post('{"status":"completed","字":1}', 'task_01', {
    'content-type': 'application/json',
  });
  const [message] = queued();

  expect(response.status).toBe(200);
  expect(await response.text()).toContain(`<MessageId>${message?.id}</MessageId>`);
  expect(message).toMatchObject({ body: '{"status":"completed","字":1}', attributes: { taskId: 'task_01' } });
  expect(cloud.requests().byCaller).toEqual({
    outside: { 'ApiGateway.Request': 1 },
    ApiGateway: { 'SQS.SendMessage': 1 },
  });
});

test.each<[string, string | Buffer, string, RegExp]>([
  ['an empty body', '', 'task_1', /Unable to resolve property MessageBody from source \$request\.body/],
  ['more than 1 MiB', 'x'.repeat(1_048_577), 'task_1', /must be shorter than 1048576 bytes/],
  ['more than 1 MiB with the attributes', 'x'.repeat(1_048_570), 'task_1', /must be shorter/],
  ['control characters', 'a\u0001b', 'task_1', /InvalidMessageContents/],
  ['U+FFFE', 'a\uFFFEb', 'task_1', /InvalidMessageContents/],
  ['U+FFFF in the path', 'x', '%EF%BF%BF', /InvalidMessageContents/],
  ['a quotation mark in the path', 'x', '%22', /not well formed/],
  ['control characters in the path', 'x', '%0B', /not well formed|InvalidMessageContents/],
])('refused with 400, and nothing queued: %s', async (_, body, taskId, expected) => {
  const { cloud, post, queued } = await bootApi();

  const response = await post(body, taskId);

  expect(response.status).toBe(400);
  expect(await response.text()).toMatch(expected);
  expect(queued()).toEqual([]);
  expect(cloud.routes()).toEqual({
    'POST /callbacks/{taskId}': { requests: 1, clientErrors: 1, serverErrors: 0 },
  });
});

test('exactly 1 MiB with the attributes is taken', async () => {
  const { post, queued } = await bootApi();
  const attributes = 'taskId'.length + 'String'.length + 'task_1'.length;

  const response = await post('x'.repeat(1_048_576 - attributes));

  expect(response.status).toBe(200);
  expect(queued()).toHaveLength(1);
});

test('a queue that fails is the gateway’s 5xx', async () => {
  const { cloud, post } = await bootApi();
  cloud.onRequest(({ service }) =>
    service === 'SQS' ? { status: 503, code: 'ServiceUnavailable' } : undefined,
  );

  const response = await post('x');

  expect(response.status).toBe(503);
  expect(cloud.routes()['POST /callbacks/{taskId}']?.serverErrors).toBe(1);
});

test('parameters may come from the query, a header or a member of the body', async () => {
  const { post, queued } = await bootApi({
    MessageBody: '$request.body.inner.text',
    MessageAttributes: '{"kind":{"DataType":"String","StringValue":"<$' + '{request.header.x-kind}>"}}',
    DelaySeconds: '5',
  });

  const good = await post('{"inner":{"text":"deep"}}', 'x', { 'x-kind': 'k' });
  const without = await post('{"inner":{}}', 'x', { 'x-kind': 'k' });

  expect([good.status, without.status]).toEqual([200, 400]);
  expect(queued()).toMatchObject([{ body: 'deep', attributes: { kind: '<k>' } }]);
  expect((queued()[0]?.visibleAt ?? 0) - (queued()[0]?.sentAt ?? 0)).toBe(5_000);
});

test('of a body over 100 kB only the whole is there: its members are beyond what the gateway reads', async () => {
  const { post, queued } = await bootApi({ MessageBody: '$request.body.inner' });
  const body = (length: number) => JSON.stringify({ inner: 'short', rest: 'x'.repeat(length) });

  const short = await post(body(100_000));
  const long = await post(body(102_400));

  expect([short.status, long.status]).toEqual([200, 400]);
  expect(await long.text()).toContain('Unable to resolve property MessageBody');
  expect(queued()).toMatchObject([{ body: 'short' }]);
});

test('a FIFO queue is fed with the path as group and the request’s id as deduplication id', async () => {
  const { cloud, post } = await bootApi(
    { MessageGroupId: '$request.path.taskId', MessageDeduplicationId: '$context.requestId' },
    { QueueName: 'callbacks.fifo', FifoQueue: true },
  );

  const first = await post('same', 'task_1');
  const second = await post('same', 'task_1');
  const { Messages } = await new SQSClient(clientOf(cloud, 'sqs')).send(
    new ReceiveMessageCommand({
      QueueUrl: cloud.queue('callbacks').url,
      MaxNumberOfMessages: 10,
      MessageSystemAttributeNames: ['All'],
    }),
  );

  expect(Messages?.map(({ Attributes }) => Attributes)).toMatchObject([
    { MessageGroupId: 'task_1', MessageDeduplicationId: first.headers.get('apigw-requestid') },
    { MessageGroupId: 'task_1', MessageDeduplicationId: second.headers.get('apigw-requestid') },
  ]);
  expect(await second.text()).toContain(
    `<SequenceNumber>${Messages?.[1]?.Attributes?.SequenceNumber}</SequenceNumber>`,
  );
});

test('a FIFO queue refuses what is no group, and the gateway passes that on', async () => {
  const { post, queued } = await bootApi(
    { MessageGroupId: '$request.path.taskId', MessageDeduplicationId: '$context.requestId' },
    { QueueName: 'callbacks.fifo', FifoQueue: true },
  );

  const responses = [await post('x', 'a%20b'), await post('x', 'x'.repeat(129))];

  expect(responses.map(({ status }) => status)).toEqual([400, 400]);
  expect(await responses[0]?.text()).toContain(
    'MessageGroupId can only include alphanumeric and punctuation',
  );
  expect(queued()).toEqual([]);
});

test('a path is put into the attributes as plain text: what ends their JSON may add to them', async () => {
  const { post, queued } = await bootApi();
  const injected = 'task_1"},"source":{"DataType":"String","StringValue":"read';

  const response = await post('x', encodeURIComponent(injected));

  expect(response.status).toBe(200);
  expect(queued()).toMatchObject([{ attributes: { taskId: 'task_1', source: 'read' } }]);
});

test.each([
  [{ MessageBody: '$request.cookies' }, /does not know the parameter request\.cookies/],
  [
    { MessageSystemAttributes: '{}' },
    /does not know the property RequestParameters\.MessageSystemAttributes/,
  ],
])('%j stops the boot', async (parameters, expected) => {
  await expect(boot(stackOf(parameters))).rejects.toThrow(expected);
});
