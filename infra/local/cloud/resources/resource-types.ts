/** Every resource type that the local cloud knows. */
import { alarmResources } from './alarms.ts';
import { dynamoDbResources } from './dynamodb.ts';
import { eventSourceMappingResources } from './event-source-mapping.ts';
import { eventsResources } from './events.ts';
import { httpApiResources } from './http-api.ts';
import { iamResources } from './iam.ts';
import { inertResources } from './inert.ts';
import { lambdaFunctionResources } from './lambda-function.ts';
import type { ResourceType } from './resource.ts';
import { s3Resources } from './s3.ts';
import { secretsResources } from './secrets.ts';
import { sqsResources } from './sqs.ts';

const ALL = [
  ...alarmResources,
  ...dynamoDbResources,
  ...eventSourceMappingResources,
  ...eventsResources,
  ...httpApiResources,
  ...iamResources,
  ...lambdaFunctionResources,
  ...inertResources,
  ...s3Resources,
  ...secretsResources,
  ...sqsResources,
];

/** By CloudFormation type. */
export const RESOURCE_TYPES: ReadonlyMap<string, ResourceType> = new Map(ALL.map((one) => [one.type, one]));
