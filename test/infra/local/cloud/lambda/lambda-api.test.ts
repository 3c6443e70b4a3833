/** Event source mappings over Lambda's API, as the SDK calls it. */
import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import {
  LambdaClient,
  ListEventSourceMappingsCommand,
  UpdateEventSourceMappingCommand,
} from '@aws-sdk/client-lambda';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { expect, test } from 'vitest';
import { eventually } from '../../../../support/eventually.ts';
import { bootCaller } from '../iam/caller.ts';
import { boot, getAtt, lambda, queue, ref, table } from '../stacks.ts';

async function bootMappings() {
  const seen: string[] = [];
  const cloud = await boot(
    {
      Resources: {
        Jobs: queue({ QueueName: 'jobs', VisibilityTimeout: 30 }),
        Things: table({ StreamSpecification: { StreamViewType: 'NEW_AND_OLD_IMAGES' } }),
        Fn: lambda('fn', { FunctionName: 'fn' }),
        FromQueue: {
          Type: 'AWS::Lambda::EventSourceMapping',
          Properties: {
            EventSourceArn: getAtt('Jobs', 'Arn'),
            FunctionName: ref('Fn'),
            BatchSize: 5,
            ScalingConfig: { MaximumConcurrency: 2 },
          },
        },
        FromStream: {
          Type: 'AWS::Lambda::EventSourceMapping',
          Properties: {
            EventSourceArn: getAtt('Things', 'StreamArn'),
            FunctionName: ref('Fn'),
            StartingPosition: 'TRIM_HORIZON',
          },
        },
      },
      Outputs: {
        Queue: { Value: ref('Jobs') },
        QueueArn: { Value: getAtt('Jobs', 'Arn') },
        StreamArn: { Value: getAtt('Things', 'StreamArn') },
        Table: { Value: ref('Things') },
        FromStream: { Value: ref('FromStream') },
      },
    },
    {
      code: {
        fn: `export const handler = async ({ Records }) => {
          for (const one of Records) console.log(one.body ?? one.dynamodb.Keys.id.S);
        };`,
      },
      log: ({ source, text }) => source === 'stdout' && seen.push(text),
    },
  );
  const { endpoint, region, credentials, outputs } = cloud;
  const client = { endpoint, region, credentials, maxAttempts: 1 };
  const sqs = new SQSClient(client);
  const dynamodb = new DynamoDBClient(client);
  return {
    cloud,
    seen,
    outputs,
    api: new LambdaClient(client),
    send: (MessageBody: string) => sqs.send(new SendMessageCommand({ QueueUrl: outputs.Queue, MessageBody })),
    put: (id: string) =>
      dynamodb.send(new PutItemCommand({ TableName: outputs.Table, Item: { id: { S: id } } })),
  };
}

test('mappings are listed: all, by source, by function, page by page', async () => {
  const { api, outputs } = await bootMappings();
  const list = async (input: object) => api.send(new ListEventSourceMappingsCommand(input));

  const { EventSourceMappings: [fromQueue] = [] } = await list({ EventSourceArn: outputs.QueueArn });
  const all = await list({ FunctionName: 'fn' });
  const first = await list({ MaxItems: 1 });
  const second = await list({ MaxItems: 1, Marker: first.NextMarker });

  expect(fromQueue).toMatchObject({
    EventSourceArn: outputs.QueueArn,
    FunctionArn: expect.stringMatching(/:function:fn$/),
    BatchSize: 5,
    ScalingConfig: { MaximumConcurrency: 2 },
    State: 'Enabled',
    LastModified: expect.any(Date),
    UUID: expect.stringMatching(/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/),
  });
  expect(all.EventSourceMappings).toHaveLength(2);
  expect([first, second].map(({ EventSourceMappings: [one] = [] }) => one?.EventSourceArn)).toEqual([
    outputs.QueueArn,
    outputs.StreamArn,
  ]);
  expect(second.NextMarker).toBeUndefined();
  expect((await list({ FunctionName: 'other' })).EventSourceMappings).toEqual([]);
});

test('a disabled mapping invokes nothing, and goes on where it was when it is enabled again', async () => {
  const { cloud, api, seen, send, put } = await bootMappings();
  await Promise.all([send('message 1'), put('item 1')]);
  await eventually(() => seen.length === 2, 'both to be handled');
  const { EventSourceMappings = [] } = await api.send(new ListEventSourceMappingsCommand({}));
  const update = (Enabled: boolean) =>
    Promise.all(
      EventSourceMappings.map(({ UUID }) => api.send(new UpdateEventSourceMappingCommand({ UUID, Enabled }))),
    );
  const states = async () =>
    (await api.send(new ListEventSourceMappingsCommand({}))).EventSourceMappings?.map(({ State }) => State);

  const disabling = await update(false);
  const disabled = await states();
  await Promise.all([send('message 2'), put('item 2')]);
  await cloud.idle();
  const between = [...seen];
  await update(true);
  await eventually(() => seen.length === 4, 'what came meanwhile');

  expect(disabling.map(({ State }) => State)).toEqual(['Disabling', 'Disabling']);
  expect(disabled).toEqual(['Disabled', 'Disabled']);
  expect(between.sort()).toEqual(['item 1', 'message 1']);
  expect([...seen].sort()).toEqual(['item 1', 'item 2', 'message 1', 'message 2']);
  expect(await states()).toEqual(['Enabled', 'Enabled']);
});

test('what is not there, or not known here, is refused by name', async () => {
  const { api } = await bootMappings();
  const refused = (UUID: string, more: object = {}) =>
    api.send(new UpdateEventSourceMappingCommand({ UUID, Enabled: true, ...more })).catch((error) => error);

  expect(await refused('nothing')).toMatchObject({
    name: 'ResourceNotFoundException',
    $metadata: { httpStatusCode: 404 },
  });
  expect(await refused('nothing', { BatchSize: 3 })).toMatchObject({
    name: 'InvalidParameterValueException',
    message: expect.stringContaining('BatchSize'),
  });
});

test('a function needs to be allowed to list mappings', async () => {
  const { send } = await bootCaller([
    { Effect: 'Allow', Action: 'lambda:UpdateEventSourceMapping', Resource: '*' },
  ]);

  expect(await send('Lambda', 'ListEventSourceMappings', {})).toMatchObject({
    name: 'AccessDeniedException',
    status: 403,
    message: expect.stringContaining('lambda:ListEventSourceMappings on resource: *'),
  });
});
