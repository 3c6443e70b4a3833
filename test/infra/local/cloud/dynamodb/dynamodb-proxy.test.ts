import {
  DescribeTableCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
} from '@aws-sdk/client-dynamodb';
import { expect, test } from 'vitest';
import { boot, clientOf, getAtt, ref, table, temporaryDirectory } from '../stacks.ts';

const Resources = {
  Things: table({
    AttributeDefinitions: ['id', 'owner'].map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
    GlobalSecondaryIndexes: [
      {
        IndexName: 'by-owner',
        KeySchema: [{ AttributeName: 'owner', KeyType: 'HASH' }],
        Projection: { ProjectionType: 'ALL' },
      },
    ],
    StreamSpecification: { StreamViewType: 'NEW_AND_OLD_IMAGES' },
    TimeToLiveSpecification: { AttributeName: 'expires_at', Enabled: true },
  }),
};

async function bootTable(options = {}) {
  const Outputs = { Name: { Value: ref('Things') }, Stream: { Value: getAtt('Things', 'StreamArn') } };
  const cloud = await boot({ Resources, Outputs }, options);
  const client = new DynamoDBClient({ ...clientOf(cloud, 'dynamodb'), maxAttempts: 1 });
  const TableName = cloud.outputs.Name;
  const put = (id: string, more = {}) =>
    client.send(new PutItemCommand({ TableName, Item: { id: { S: id }, owner: { S: 'me' } }, ...more }));
  return { cloud, client, put, TableName };
}

test('a table works through the SDK: items, index, conditions', async () => {
  const { client, put, TableName } = await bootTable();
  await put('a');

  const { Items } = await client.send(
    new QueryCommand({
      TableName,
      IndexName: 'by-owner',
      KeyConditionExpression: '#o = :o',
      ExpressionAttributeNames: { '#o': 'owner' },
      ExpressionAttributeValues: { ':o': { S: 'me' } },
    }),
  );
  const again = put('a', {
    ConditionExpression: 'attribute_not_exists(id)',
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
  });

  expect(Items).toEqual([{ id: { S: 'a' }, owner: { S: 'me' } }]);
  await expect(again).rejects.toMatchObject({
    name: 'ConditionalCheckFailedException',
    Item: { id: { S: 'a' } },
  });
});

test('ARNs are those of the local region, everywhere', async () => {
  const { cloud, client, TableName } = await bootTable();

  const { Table } = await client.send(new DescribeTableCommand({ TableName }));

  expect(Table?.TableArn).toBe(`arn:aws:dynamodb:us-east-1:000000000000:table/${TableName}`);
  expect(Table?.LatestStreamArn).toBe(cloud.outputs.Stream);
});

test('hooks see a request before it is executed, and may fail it, delay it or cut it off', async () => {
  const { cloud, client, put, TableName } = await bootTable();
  const get = async (id: string) =>
    (await client.send(new GetItemCommand({ TableName, Key: { id: { S: id } } }))).Item?.id?.S;
  const seen: string[] = [];
  const stop = cloud.onRequest(async ({ service, operation, body }) => {
    if (operation !== 'PutItem') return undefined;
    const { Item } = JSON.parse(body.toString());
    seen.push(`${service}.${operation} ${Item.id.S}`);
    if (Item.id.S === 'throttled') return { status: 400, code: 'ProvisionedThroughputExceededException' };
    if (Item.id.S === 'lost') return { drop: 'before' };
    if (Item.id.S === 'unheard') return { drop: 'after' };
    await new Promise((resolve) => setTimeout(resolve, 30));
    return undefined;
  });

  await expect(put('throttled')).rejects.toMatchObject({ name: 'ProvisionedThroughputExceededException' });
  await expect(put('lost')).rejects.toThrow();
  await expect(put('unheard')).rejects.toThrow();
  const started = performance.now();
  await put('late');
  const waited = performance.now() - started;
  stop();
  await put('lost-not');

  expect(seen).toEqual(['throttled', 'lost', 'unheard', 'late'].map((id) => `DynamoDB.PutItem ${id}`));
  expect(waited).toBeGreaterThanOrEqual(29);
  expect(await Promise.all(['throttled', 'lost', 'unheard', 'late'].map(get))).toEqual([
    undefined,
    undefined,
    'unheard',
    'late',
  ]);
  expect(cloud.requests().total['DynamoDB.PutItem']).toBe(5);
});

test('a write whose answer is lost is repeated by the SDK, and meets itself', async () => {
  const { cloud, TableName } = await bootTable();
  const client = new DynamoDBClient({ ...clientOf(cloud, 'dynamodb'), maxAttempts: 3 });
  let losses = 1;
  cloud.onRequest(({ operation }) =>
    operation === 'PutItem' && losses-- > 0 ? { drop: 'after' } : undefined,
  );

  const put = client.send(
    new PutItemCommand({
      TableName,
      Item: { id: { S: 'a' }, nonce: { S: 'mine' } },
      ConditionExpression: 'attribute_not_exists(id)',
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    }),
  );

  await expect(put).rejects.toMatchObject({
    name: 'ConditionalCheckFailedException',
    Item: { nonce: { S: 'mine' } },
  });
  expect(cloud.requests().total['DynamoDB.PutItem']).toBe(2);
});

test('a throttled request is repeated by the SDK until it is let through', async () => {
  const { cloud, TableName } = await bootTable();
  const client = new DynamoDBClient({ ...clientOf(cloud, 'dynamodb'), maxAttempts: 4 });
  let throttled = 3;
  cloud.onRequest(() =>
    throttled-- > 0 ? { status: 400, code: 'ProvisionedThroughputExceededException' } : undefined,
  );

  await client.send(new PutItemCommand({ TableName, Item: { id: { S: 'a' } } }));

  expect(cloud.requests().total).toEqual({ 'DynamoDB.PutItem': 4 });
});

test('with a state directory items are there in the next run; a table of another shape is refused', async () => {
  const stateDir = await temporaryDirectory();
  const first = await bootTable({ stateDir });
  await first.put('kept');
  await first.cloud.stop();

  const second = await bootTable({ stateDir });
  const { Item } = await second.client.send(
    new GetItemCommand({ TableName: second.TableName, Key: { id: { S: 'kept' } } }),
  );
  await second.cloud.stop();
  const changed = boot({ Resources: { Things: table() } }, { stateDir });

  expect(Item).toBeDefined();
  await expect(changed).rejects.toThrow(/resource Things .*forget the state/);
});

test('a global table of one replica is a table', async () => {
  const { Properties } = Resources.Things;
  const cloud = await boot({
    Resources: {
      Things: {
        Type: 'AWS::DynamoDB::GlobalTable',
        Properties: { ...Properties, Replicas: [{ Region: ref('AWS::Region') }] },
      },
    },
    Outputs: { Name: { Value: ref('Things') } },
  });
  const client = new DynamoDBClient(clientOf(cloud, 'dynamodb'));

  const { Table } = await client.send(new DescribeTableCommand({ TableName: cloud.outputs.Name }));

  expect(Table?.TableStatus).toBe('ACTIVE');
});
