/** Transactions as AWS documents them: what budgets rely on, and what the server behind would let pass. */
import {
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  type TransactWriteItem,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import { beforeEach, describe, expect, test } from 'vitest';
import { boot, clientOf, ref, table } from '../stacks.ts';

let client: DynamoDBClient;
let TableName: string;
beforeEach(async () => {
  const Resources = {
    Things: table({ AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }] }),
  };
  const cloud = await boot({ Resources, Outputs: { Name: { Value: ref('Things') } } });
  client = new DynamoDBClient({ ...clientOf(cloud, 'dynamodb'), maxAttempts: 1 });
  TableName = cloud.outputs.Name!;
});

const add = (id: string, most?: number) => ({
  Update: {
    TableName,
    Key: { id: { S: id } },
    UpdateExpression: 'ADD images :one',
    ExpressionAttributeValues: {
      ':one': { N: '1' },
      ...(most !== undefined && { ':most': { N: String(most) } }),
    },
    ...(most !== undefined && {
      ConditionExpression: 'attribute_not_exists(images) OR images < :most',
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD' as const,
    }),
  },
});
const transact = (TransactItems: TransactWriteItem[], ClientRequestToken?: string) =>
  client.send(new TransactWriteItemsCommand({ TransactItems, ClientRequestToken }));
const images = async (id: string) => {
  const { Item } = await client.send(new GetItemCommand({ TableName, Key: { id: { S: id } } }));
  return Item?.images?.N;
};

test('all is written, or nothing: with a reason for each item, and the item that was in the way', async () => {
  await transact([add('a', 1), add('b')]);

  await expect(transact([add('c'), add('a', 1), add('b')])).rejects.toMatchObject({
    name: 'TransactionCanceledException',
    CancellationReasons: [
      { Code: 'None' },
      { Code: 'ConditionalCheckFailed', Item: { id: { S: 'a' }, images: { N: '1' } } },
      { Code: 'None' },
    ],
  });

  expect([await images('a'), await images('b'), await images('c')]).toEqual(['1', '1', undefined]);
});

describe('a token', () => {
  test('makes a repetition harmless, because it is done once', async () => {
    await transact([add('once')], 'token-1');
    await transact([add('once')], 'token-1');

    expect(await images('once')).toBe('1');
  });

  test('belongs to one transaction', async () => {
    await transact([add('one')], 'token-2');

    await expect(transact([add('other')], 'token-2')).rejects.toMatchObject({
      name: 'IdempotentParameterMismatchException',
    });
  });
});

test('whose parts cannot be applied is cancelled with that as the reason', async () => {
  await client.send(new PutItemCommand({ TableName, Item: { id: { S: 'text' }, images: { S: 'x' } } }));

  await expect(transact([add('d'), add('text')])).rejects.toMatchObject({
    name: 'TransactionCanceledException',
    CancellationReasons: [{ Code: 'None' }, { Code: 'ValidationError' }],
  });
});

describe('is refused', () => {
  const large = (id: string) => ({
    Put: { TableName, Item: { id: { S: id }, text: { S: 'x'.repeat(390_000) } } },
  });
  test.each<[string, () => TransactWriteItem[]]>([
    ['with one item twice', () => [add('a'), add('a')]],
    ['with two operations in one place', () => [{ ...add('a'), ...large('a') }]],
    ['with no operation in a place', () => [add('a'), {}]],
    ['with more than 100 items', () => Array.from({ length: 101 }, (_, nth) => add(`n${nth}`))],
    ['of more than 4 MB', () => Array.from({ length: 12 }, (_, nth) => large(`l${nth}`))],
  ])('%s', async (_, items) => {
    await expect(transact(items())).rejects.toMatchObject({ name: 'ValidationException' });
  });
});
