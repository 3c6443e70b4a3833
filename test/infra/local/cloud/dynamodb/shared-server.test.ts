/** Clouds that keep their tables at one DynamoDB server elsewhere, which outlives them. */
import { DynamoDBClient, ListTablesCommand, PutItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { expect, onTestFinished, test } from 'vitest';
import {
  forgetState,
  type LocalCloud,
  startDynamoServer,
  startLocalCloud,
} from '../../../../../infra/local/cloud/index.ts';
import { eventually } from '../../../../support/eventually.ts';
import {
  boot,
  clientOf,
  getAtt,
  lambda,
  ref,
  type Stack,
  table,
  temporaryDirectory,
  writeAssembly,
} from '../stacks.ts';

const stack: Stack = {
  Resources: {
    Things: table({ StreamSpecification: { StreamViewType: 'NEW_IMAGE' } }),
    Fn: lambda('fn'),
    Mapping: {
      Type: 'AWS::Lambda::EventSourceMapping',
      Properties: {
        EventSourceArn: getAtt('Things', 'StreamArn'),
        FunctionName: ref('Fn'),
        StartingPosition: 'TRIM_HORIZON',
      },
    },
  },
  Outputs: { Table: { Value: ref('Things') } },
};
const code = {
  fn: `export const handler = async ({ Records }) => {
    for (const { dynamodb } of Records) console.log(dynamodb.NewImage.id.S);
  };`,
};

async function startServer() {
  const server = await startDynamoServer();
  onTestFinished(() => server.stop());
  const client = new DynamoDBClient({
    endpoint: server.url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  const tables = async () => (await client.send(new ListTablesCommand({}))).TableNames;
  return { dynamodbEndpoint: server.url, tables };
}

const put = (cloud: LocalCloud, id: string) =>
  new DynamoDBClient(clientOf(cloud, 'dynamodb')).send(
    new PutItemCommand({ TableName: cloud.outputs.Table, Item: { id: { S: id } } }),
  );

async function itemsOf(cloud: LocalCloud) {
  const scan = new ScanCommand({ TableName: cloud.outputs.Table });
  return (await new DynamoDBClient(clientOf(cloud, 'dynamodb')).send(scan)).Items?.map(({ id }) => id?.S);
}

test('two clouds of the same stack at once: each has tables and streams of its own', async () => {
  const { dynamodbEndpoint, tables } = await startServer();
  const heard: string[][] = [[], []];
  const clouds = await Promise.all(
    heard.map((lines) =>
      boot(stack, {
        code,
        dynamodbEndpoint,
        log: ({ source, text }) => source === 'stdout' && lines.push(text),
      }),
    ),
  );

  await Promise.all(clouds.map((cloud, index) => put(cloud, `of ${index}`)));
  await eventually(() => heard.every((lines) => lines.length > 0), 'both streams');

  expect(await tables()).toEqual(clouds.map(({ outputs }) => outputs.Table).toSorted());
  expect(await Promise.all(clouds.map(itemsOf))).toEqual([['of 0'], ['of 1']]);
  expect(heard).toEqual([['of 0'], ['of 1']]);
});

test('a name is made as CloudFormation makes it: the stack’s, the resource’s, and twelve characters', async () => {
  const { dynamodbEndpoint } = await startServer();

  const cloud = await boot(stack, { code, dynamodbEndpoint });

  expect(cloud.outputs.Table).toMatch(/^Test-Things-[A-Z0-9]{12}$/);
});

test('without a kept state the tables go with the cloud, also with one that does not boot', async () => {
  const { dynamodbEndpoint, tables } = await startServer();
  const late = { ...stack.Resources, Zzz: { Type: 'AWS::SQS::Queue', Properties: { Wish: 1 } } };
  const cloud = await boot(stack, { code, dynamodbEndpoint });
  const whileItRuns = await tables();

  await cloud.stop();
  const failed = startLocalCloud({
    assembly: await writeAssembly({ ...stack, Resources: late }, code),
    dynamodbEndpoint,
  });
  await expect(failed).rejects.toThrow('Wish');

  expect(whileItRuns).toHaveLength(1);
  expect(await tables()).toEqual([]);
});

test('with a kept state they are there in the next run, and go when it is forgotten', async () => {
  const { dynamodbEndpoint, tables } = await startServer();
  const stateDir = await temporaryDirectory();
  const other = await boot(stack, { code, dynamodbEndpoint });
  const first = await boot(stack, { code, dynamodbEndpoint, stateDir });
  await put(first, 'kept');

  await expect(forgetState({ stateDir, dynamodbEndpoint })).rejects.toThrow('in use by another local cloud');
  await first.stop();
  const second = await boot(stack, { code, dynamodbEndpoint, stateDir });
  const found = await itemsOf(second);
  await second.stop();
  await forgetState({ stateDir, dynamodbEndpoint });
  const third = await boot(stack, { code, dynamodbEndpoint, stateDir });

  expect(found).toEqual(['kept']);
  expect(await tables()).toEqual([other.outputs.Table, third.outputs.Table].toSorted());
  expect(await itemsOf(third)).toEqual([]);
});

test('a table whose name the template gives belongs to the cloud that created it', async () => {
  const { dynamodbEndpoint, tables } = await startServer();
  const named: Stack = { Resources: { Things: table({ TableName: 'things' }) } };
  const stateDir = await temporaryDirectory();
  const ours = await boot(named, { dynamodbEndpoint, stateDir });

  await expect(boot(named, { dynamodbEndpoint })).rejects.toThrow(/a table things already.*not this cloud's/);
  await ours.stop();
  const again = await boot(named, { dynamodbEndpoint, stateDir });
  await again.stop();

  expect(await tables()).toEqual(['things']);
});

test('forgetting what was kept with the embedded server touches no other server', async () => {
  const { dynamodbEndpoint, tables } = await startServer();
  const named: Stack = { Resources: { Things: table({ TableName: 'things' }) } };
  const stateDir = await temporaryDirectory();
  await boot(named, { dynamodbEndpoint });
  const embedded = await boot(named, { dynamodbEndpoint: undefined, stateDir });
  await embedded.stop();

  await forgetState({ stateDir, dynamodbEndpoint });

  expect(await tables()).toEqual(['things']);
});
