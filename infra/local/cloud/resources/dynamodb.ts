/** AWS::DynamoDB::Table, and AWS::DynamoDB::GlobalTable with its one replica here. */
import * as z from 'zod';
import type { TableRequest } from '../dynamodb/tables.ts';
import {
  arn,
  type Created,
  defineResource,
  type Placement,
  physicalName,
  tags,
  withoutEffect,
} from './resource.ts';

const keySchema = z.array(z.strictObject({ AttributeName: z.string(), KeyType: z.enum(['HASH', 'RANGE']) }));

const index = {
  IndexName: z.string(),
  KeySchema: keySchema,
  Projection: z.strictObject({
    ProjectionType: z.enum(['ALL', 'KEYS_ONLY', 'INCLUDE']),
    NonKeyAttributes: z.array(z.string()).optional(),
  }),
};

const throughput = z
  .strictObject({ ReadCapacityUnits: z.number(), WriteCapacityUnits: z.number() })
  .optional();

const common = {
  TableName: z.string().optional(),
  AttributeDefinitions: z.array(z.strictObject({ AttributeName: z.string(), AttributeType: z.string() })),
  KeySchema: keySchema,
  LocalSecondaryIndexes: z.array(z.strictObject(index)).optional(),
  StreamSpecification: z
    .strictObject({ StreamViewType: z.enum(['KEYS_ONLY', 'NEW_IMAGE', 'OLD_IMAGE', 'NEW_AND_OLD_IMAGES']) })
    .optional(),
  TimeToLiveSpecification: z
    .strictObject({ AttributeName: z.string().optional(), Enabled: z.boolean() })
    .optional(),
  BillingMode: z.enum(['PAY_PER_REQUEST', 'PROVISIONED']).default('PROVISIONED'),
  ...withoutEffect('SSESpecification', 'WarmThroughput'),
};

/** Backups, protection and classes of storage: of no consequence on one machine. */
const kept = withoutEffect(
  'ContributorInsightsSpecification',
  'DeletionProtectionEnabled',
  'PointInTimeRecoverySpecification',
  'TableClass',
);

const table = z.strictObject({
  ...common,
  ...kept,
  GlobalSecondaryIndexes: z
    .array(
      z.strictObject({ ...index, ProvisionedThroughput: throughput, ...withoutEffect('OnDemandThroughput') }),
    )
    .optional(),
  ProvisionedThroughput: throughput,
  Tags: tags,
  ...withoutEffect('OnDemandThroughput'),
});

const globalTable = z.strictObject({
  ...common,
  GlobalSecondaryIndexes: z
    .array(z.strictObject({ ...index, ...withoutEffect('WriteOnDemandThroughputSettings') }))
    .optional(),
  BillingMode: z.literal('PAY_PER_REQUEST'),
  Replicas: z
    .array(
      z.strictObject({ Region: z.string(), ...kept, Tags: tags, ...withoutEffect('GlobalSecondaryIndexes') }),
    )
    .length(1, 'the local cloud has one region, so a table has one replica'),
  ...withoutEffect('WriteOnDemandThroughputSettings'),
});

type Properties = Omit<z.output<typeof table>, 'Tags'>;

async function create(properties: Properties, placement: Placement): Promise<Created> {
  const { cloud } = placement;
  const { StreamSpecification: stream, TimeToLiveSpecification: timeToLive } = properties;
  const definition: TableRequest['definition'] = {
    AttributeDefinitions: properties.AttributeDefinitions,
    KeySchema: properties.KeySchema,
    BillingMode: properties.BillingMode,
    ...(properties.ProvisionedThroughput && { ProvisionedThroughput: properties.ProvisionedThroughput }),
    ...(properties.GlobalSecondaryIndexes && { GlobalSecondaryIndexes: properties.GlobalSecondaryIndexes }),
    ...(properties.LocalSecondaryIndexes && { LocalSecondaryIndexes: properties.LocalSecondaryIndexes }),
    ...(stream && { StreamSpecification: { StreamEnabled: true, ...stream } }),
  };
  const { name, streamArn } = await cloud.tables.create({
    name: properties.TableName,
    resource: physicalName(placement),
    definition,
    timeToLive: timeToLive?.Enabled ? timeToLive.AttributeName : undefined,
  });
  const tableArn = arn(cloud, 'dynamodb', `table/${name}`);
  const streamLabel = streamArn?.split('/stream/')[1];
  return {
    ref: name,
    attributes: {
      Arn: tableArn,
      TableId: name,
      ...(streamLabel && { StreamArn: `${tableArn}/stream/${streamLabel}` }),
    },
  };
}

export const dynamoDbResources = [
  defineResource('AWS::DynamoDB::Table', table, create),
  defineResource('AWS::DynamoDB::GlobalTable', globalTable, create),
];
