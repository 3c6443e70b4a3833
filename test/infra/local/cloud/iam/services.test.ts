/** Every service asks the policies of whoever calls it, and words a refusal as AWS does. */
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { expect, test } from 'vitest';
import { clientOf, getAtt, ref } from '../stacks.ts';
import { ACCOUNT, bootCaller, CALLER } from './caller.ts';

const allow = (Action: string | string[], Resource: unknown, more: object = {}) => ({
  Effect: 'Allow',
  Action,
  Resource,
  ...more,
});
const ofRegion = (service: string, resource: string) => `arn:aws:${service}:us-east-1:${ACCOUNT}:${resource}`;
const refusal = (action: string, resource: string) =>
  `User: ${CALLER} is not authorized to perform: ${action} on resource: ${resource} because no identity-based policy allows the ${action} action`;
const denied = (action: string, resource: string) => ({
  name: 'AccessDeniedException',
  message: refusal(action, resource),
  status: 400,
});

const key = { id: { S: '1' } };
const query = {
  TableName: 'things',
  KeyConditionExpression: '#k = :v',
  ExpressionAttributeValues: { ':v': { S: '1' } },
};
const byId = { ...query, ExpressionAttributeNames: { '#k': 'id' } };
const byOwner = { ...query, IndexName: 'by-owner', ExpressionAttributeNames: { '#k': 'owner' } };
const things = ofRegion('dynamodb', 'table/things');
const others = ofRegion('dynamodb', 'table/others');

test('DynamoDB: each action, table and index by itself', async () => {
  const { cloud, send } = await bootCaller([
    allow(['dynamodb:GetItem', 'dynamodb:BatchGetItem', 'dynamodb:PutItem'], getAtt('Things', 'Arn')),
    allow('dynamodb:Query', { 'Fn::Join': ['', [getAtt('Things', 'Arn'), '/index/*']] }),
  ]);
  const item = (TableName: string) => ({ TableName, Key: key });
  const write = (...parts: object[]) => send('DynamoDB', 'TransactWriteItems', { TransactItems: parts });
  const put = { Put: { TableName: 'things', Item: key } };
  const check = {
    ConditionCheck: {
      TableName: 'things',
      Key: { id: { S: '2' } },
      ConditionExpression: 'attribute_exists(id)',
    },
  };

  expect(await send('DynamoDB', 'GetItem', item('things'))).toMatchObject({ name: 'ok' });
  expect(await send('DynamoDB', 'GetItem', item('others'))).toEqual(denied('dynamodb:GetItem', others));
  expect(await send('DynamoDB', 'DeleteItem', item('things'))).toEqual(denied('dynamodb:DeleteItem', things));
  expect(await send('DynamoDB', 'Query', byOwner)).toMatchObject({ name: 'ok' });
  expect(await send('DynamoDB', 'Query', byId)).toEqual(denied('dynamodb:Query', things));
  expect(await send('DynamoDB', 'Scan', { TableName: 'things', IndexName: 'by-owner' })).toEqual(
    denied('dynamodb:Scan', `${things}/index/by-owner`),
  );
  expect(await send('DynamoDB', 'BatchGetItem', { RequestItems: { things: { Keys: [key] } } })).toMatchObject(
    { name: 'ok' },
  );
  expect(
    await send('DynamoDB', 'BatchGetItem', {
      RequestItems: { things: { Keys: [key] }, others: { Keys: [key] } },
    }),
  ).toEqual(denied('dynamodb:BatchGetItem', others));
  expect(await write(put)).toMatchObject({ name: 'ok' });
  expect(await write(put, check)).toEqual(denied('dynamodb:ConditionCheckItem', things));
  // Of these it is not known what they need.
  expect(await send('DynamoDB', 'ExecuteStatement', { Statement: 'SELECT * FROM things' })).toMatchObject({
    name: 'UnknownOperationException',
    message: expect.stringContaining('which permissions ExecuteStatement needs'),
  });
  expect(cloud.permissions.refusals()).toHaveLength(6);
});

test('SQS: a batch needs what one message needs; its refusals are in lower case, with status 403', async () => {
  const { cloud, send } = await bootCaller([allow('sqs:GetQueueAttributes', getAtt('Jobs', 'Arn'))]);
  const QueueUrl = cloud.outputs.Queue;
  const jobs = ofRegion('sqs', 'jobs');
  const Entries = [{ Id: '1', MessageBody: 'x' }];

  const attributes = await send('SQS', 'GetQueueAttributes', { QueueUrl, AttributeNames: ['QueueArn'] });
  const refused = [
    await send('SQS', 'SendMessage', { QueueUrl, MessageBody: 'x' }),
    await send('SQS', 'SendMessageBatch', { QueueUrl, Entries }),
    await send('SQS', 'ReceiveMessage', { QueueUrl }),
    await send('SQS', 'GetQueueUrl', { QueueName: 'jobs' }),
    await send('SQS', 'ListQueues', {}),
  ];

  expect(attributes).toMatchObject({ name: 'ok' });
  const sqsDenied = (action: string, resource = jobs) => ({
    name: 'AccessDenied',
    message: refusal(action, resource),
    status: 403,
  });
  expect(refused).toEqual([
    sqsDenied('sqs:sendmessage'),
    sqsDenied('sqs:sendmessage'),
    sqsDenied('sqs:receivemessage'),
    sqsDenied('sqs:getqueueurl'),
    sqsDenied('sqs:listqueues', '*'),
  ]);
  expect(cloud.queue('jobs').depth().visible).toBe(0);
});

test('S3: objects by their key; a missing one is found missing only by whoever may list the bucket', async () => {
  const inputs = 'arn:aws:s3:::pictures/in/*';
  const strict = await bootCaller([allow(['s3:GetObject', 's3:PutObject'], inputs)]);
  const free = await bootCaller([
    allow('s3:GetObject', inputs),
    allow('s3:ListBucket', 'arn:aws:s3:::pictures', { Condition: { StringLike: { 's3:prefix': 'in/*' } } }),
    allow('s3:ListBucket', getAtt('Pictures', 'Arn'), { Condition: { StringNotLike: { 's3:prefix': '*' } } }),
  ]);
  const at = (Key: string) => ({ Bucket: 'pictures', Key });
  const s3Denied = (action: string, resource: string) => ({
    name: 'AccessDenied',
    message: refusal(action, `"arn:aws:s3:::${resource}"`),
    status: 403,
  });

  expect(await strict.send('S3', 'PutObject', { ...at('in/a'), Body: 'x' })).toMatchObject({ name: 'ok' });
  expect(await strict.send('S3', 'GetObject', at('in/a'))).toMatchObject({ name: 'ok' });
  expect(await strict.send('S3', 'PutObject', { ...at('out/a'), Body: 'x' })).toEqual(
    s3Denied('s3:PutObject', 'pictures/out/a'),
  );
  expect(await strict.send('S3', 'DeleteObject', at('in/a'))).toEqual(
    s3Denied('s3:DeleteObject', 'pictures/in/a'),
  );
  expect(await strict.send('S3', 'GetObject', at('in/gone'))).toEqual(s3Denied('s3:ListBucket', 'pictures'));
  expect(await strict.send('S3', 'HeadObject', at('in/gone'))).toMatchObject({ status: 403 });
  expect(await strict.send('S3', 'GetObject', { Bucket: 'nowhere', Key: 'a' })).toMatchObject({
    name: 'NoSuchBucket',
  });
  expect(await free.send('S3', 'GetObject', at('in/gone'))).toMatchObject({ name: 'NoSuchKey', status: 404 });
  expect(await free.send('S3', 'HeadObject', at('in/gone'))).toMatchObject({ status: 404 });
  expect(await free.send('S3', 'ListObjectsV2', { Bucket: 'pictures', Prefix: 'in/a' })).toMatchObject({
    name: 'ok',
  });
  expect(await free.send('S3', 'ListObjectsV2', { Bucket: 'pictures', Prefix: 'out/' })).toEqual(
    s3Denied('s3:ListBucket', 'pictures'),
  );
});

test('a presigned URL can what its signer can', async () => {
  const { cloud, presign } = await bootCaller([allow('s3:GetObject', 'arn:aws:s3:::pictures/in/*')]);
  const operator = new S3Client({ ...clientOf(cloud, 's3'), forcePathStyle: true });
  for (const Key of ['in/a', 'out/a']) {
    await operator.send(new PutObjectCommand({ Bucket: 'pictures', Key, Body: Key }));
  }

  const allowed = await fetch(await presign({ Bucket: 'pictures', Key: 'in/a' }));
  const refused = await fetch(await presign({ Bucket: 'pictures', Key: 'out/a' }));

  expect(await allowed.text()).toBe('in/a');
  expect(refused.status).toBe(403);
  expect(await refused.text()).toContain(
    `<Code>AccessDenied</Code><Message>${refusal('s3:GetObject', '"arn:aws:s3:::pictures/out/a"')}</Message>`,
  );
});

test('Secrets Manager: a secret by its ARN or name; of others it is not told whether they are there', async () => {
  const { cloud, send } = await bootCaller([allow('secretsmanager:GetSecretValue', ref('Key'))]);
  const arn = cloud.outputs.Key ?? '';

  expect(await send('SecretsManager', 'GetSecretValue', { SecretId: arn })).toMatchObject({
    output: { SecretString: 'hush' },
  });
  expect(await send('SecretsManager', 'GetSecretValue', { SecretId: 'key' })).toMatchObject({ name: 'ok' });
  expect(await send('SecretsManager', 'DescribeSecret', { SecretId: arn })).toEqual(
    denied('secretsmanager:DescribeSecret', arn),
  );
  expect(await send('SecretsManager', 'GetSecretValue', { SecretId: 'none' })).toEqual(
    denied('secretsmanager:GetSecretValue', ofRegion('secretsmanager', 'secret:none')),
  );
});

test('EventBridge: a bus, and what the condition says of the event', async () => {
  const { send } = await bootCaller([
    allow('events:PutEvents', getAtt('Bus', 'Arn'), {
      Condition: { StringEquals: { 'events:source': 'mine' } },
    }),
  ]);
  const put = (EventBusName: string, ...sources: string[]) =>
    send('EventBridge', 'PutEvents', {
      Entries: sources.map((Source) => ({ EventBusName, Source, DetailType: 'T', Detail: '{}' })),
    });
  const main = ofRegion('events', 'event-bus/main');

  expect(await put('main', 'mine')).toMatchObject({ output: { FailedEntryCount: 0 } });
  expect(await put('main', 'mine', 'foreign')).toEqual(denied('events:PutEvents', main));
  expect(await put('default', 'mine')).toEqual(
    denied('events:PutEvents', ofRegion('events', 'event-bus/default')),
  );
});

test('an explicit deny wins over what is allowed, and is named; it binds the operator too', async () => {
  const everything = allow('*', '*');
  const noKeys = { ...allow('secretsmanager:*', '*'), Effect: 'Deny' };
  const policy = {
    Type: 'AWS::SQS::QueuePolicy',
    Properties: {
      Queues: [ref('Jobs')],
      PolicyDocument: {
        Statement: [
          { Effect: 'Deny', Principal: '*', Action: 'sqs:SendMessage', Resource: getAtt('Jobs', 'Arn') },
          // As the CDK's enforceSSL: what is deployed is reached by TLS.
          {
            Effect: 'Deny',
            Principal: '*',
            Action: 'sqs:*',
            Resource: getAtt('Jobs', 'Arn'),
            Condition: { Bool: { 'aws:SecureTransport': 'false' } },
          },
        ],
      },
    },
  };
  const { cloud, send } = await bootCaller([everything, noKeys], { Policy: policy });
  const message = { QueueUrl: cloud.outputs.Queue, MessageBody: 'x' };
  const operator = new SQSClient(clientOf(cloud, 'sqs'));

  expect((await send('SQS', 'SendMessage', message)).message).toMatch(
    /sqs:sendmessage on resource: \S+ with an explicit deny in a resource-based policy$/,
  );
  expect((await send('SecretsManager', 'GetSecretValue', { SecretId: 'key' })).message).toMatch(
    /with an explicit deny in an identity-based policy$/,
  );
  expect(await send('SQS', 'ReceiveMessage', { QueueUrl: cloud.outputs.Queue })).toMatchObject({
    name: 'ok',
  });
  await expect(operator.send(new SendMessageCommand(message))).rejects.toThrow(
    `User: arn:aws:iam::${ACCOUNT}:user/operator is not authorized to perform: sqs:sendmessage`,
  );
});

test('the grants are listed, and which of them were needed: those without which a request is refused', async () => {
  const { cloud, send } = await bootCaller([
    allow(['sqs:SendMessage', 'sqs:Receive*'], getAtt('Jobs', 'Arn')),
    allow('sqs:ReceiveMessage', '*'),
  ]);
  const QueueUrl = cloud.outputs.Queue;
  const heard: string[] = [];
  const stop = cloud.permissions.onNeeded(({ action }) => heard.push(action));

  await send('SQS', 'SendMessage', { QueueUrl, MessageBody: 'x' });
  await send('SQS', 'ReceiveMessage', { QueueUrl });
  stop();
  await send('SQS', 'SendMessage', { QueueUrl, MessageBody: 'y' });

  const jobs = ofRegion('sqs', 'jobs');
  const sending = { holder: 'Caller', action: 'sqs:SendMessage', resource: jobs };
  expect(cloud.permissions.grants()).toEqual([
    { holder: 'Caller', action: 'logs:*', resource: '*' },
    sending,
    { holder: 'Caller', action: 'sqs:Receive*', resource: jobs },
    { holder: 'Caller', action: 'sqs:ReceiveMessage', resource: '*' },
  ]);
  expect(cloud.permissions.needed()).toContainEqual(sending);
  expect(cloud.permissions.needed().map(({ action }) => action)).not.toContain('sqs:ReceiveMessage');
  expect(heard.filter((action) => action.startsWith('sqs:'))).toEqual(['sqs:SendMessage']);
});
