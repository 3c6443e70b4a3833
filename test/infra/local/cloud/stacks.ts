/** Small stacks for the tests of the local cloud: an assembly written by hand, booted, and stopped after the test. */

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import {
  type LocalCloud,
  type LocalCloudOptions,
  startLocalCloud,
} from '../../../../infra/local/cloud/index.ts';

export interface Stack {
  readonly Resources?: Record<string, unknown>;
  readonly Outputs?: Record<string, unknown>;
  readonly [section: string]: unknown;
}

/** Writes an assembly with this template; `code` holds the `index.mjs` of each function asset. */
export async function writeAssembly(stack: Stack, code: Record<string, string> = {}): Promise<string> {
  const directory = await temporaryDirectory();
  const files: Record<string, unknown> = {};
  for (const [name, source] of Object.entries(code)) {
    await mkdir(join(directory, `asset.${name}`));
    await writeFile(join(directory, `asset.${name}`, 'index.mjs'), source);
    files[name] = {
      source: { path: `asset.${name}`, packaging: 'zip' },
      destinations: { here: { bucketName: 'assets', objectKey: `${name}.zip` } },
    };
  }
  const documents = {
    'manifest.json': {
      artifacts: {
        Test: { type: 'aws:cloudformation:stack', properties: { templateFile: 'Test.template.json' } },
        'Test.assets': { type: 'cdk:asset-manifest', properties: { file: 'Test.assets.json' } },
      },
    },
    'Test.template.json': { ...stack, Resources: withRole(stack.Resources ?? {}) },
    'Test.assets.json': { files },
  };
  for (const [name, document] of Object.entries(documents)) {
    await writeFile(join(directory, name), JSON.stringify(document));
  }
  return directory;
}

/** Adds the role that `lambda` names, unless the stack has one of its own. */
function withRole(resources: Record<string, unknown>): Record<string, unknown> {
  if (!JSON.stringify(resources).includes('"Anything"')) return resources;
  const ManagedPolicyArns = ['arn:aws:iam::aws:policy/AdministratorAccess'];
  return { Anything: role('lambda.amazonaws.com', [], { ManagedPolicyArns }), ...resources };
}

/** A directory that is removed after the test. */
export async function temporaryDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'wanhook-test-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

/** Boots a stack; it is stopped after the test. */
export async function boot(
  stack: Stack,
  options: Partial<LocalCloudOptions> & { code?: Record<string, string> } = {},
): Promise<LocalCloud> {
  const { code, ...rest } = options;
  const cloud = await startLocalCloud({
    assembly: await writeAssembly(stack, code),
    dynamodbEndpoint: process.env.WANHOOK_DYNAMODB_ENDPOINT,
    ...rest,
  });
  onTestFinished(() => cloud.stop());
  return cloud;
}

/** What an SDK client needs to talk to one of the cloud's services. */
export function clientOf(cloud: LocalCloud, service: keyof LocalCloud['endpoints']) {
  return { endpoint: cloud.endpoints[service], region: cloud.region, credentials: cloud.credentials };
}

/** A function resource whose code is the asset of the same name in lower case; its role allows everything. */
export function lambda(asset: string, properties: Record<string, unknown> = {}) {
  return {
    Type: 'AWS::Lambda::Function',
    Properties: {
      Code: { S3Bucket: 'assets', S3Key: `${asset}.zip` },
      Handler: 'index.handler',
      Runtime: 'nodejs24.x',
      Role: getAtt('Anything', 'Arn'),
      ...properties,
    },
  };
}

/** An alarm on one metric, that rings at these addresses. */
export const alarm = (...actions: readonly unknown[]) => ({
  Type: 'AWS::CloudWatch::Alarm',
  Properties: {
    Namespace: 'N',
    MetricName: 'M',
    Statistic: 'Sum',
    Period: 60,
    EvaluationPeriods: 1,
    ComparisonOperator: 'GreaterThanOrEqualToThreshold',
    Threshold: 1,
    AlarmActions: actions,
  },
});

/** A role that this service can assume, with the statements of its one policy. */
export function role(service: string, statements: readonly object[], properties: object = {}) {
  const trust = { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: service } };
  const policy = { PolicyName: 'own', PolicyDocument: { Statement: statements } };
  return {
    Type: 'AWS::IAM::Role',
    Properties: {
      AssumeRolePolicyDocument: { Version: '2012-10-17', Statement: [trust] },
      ...(statements.length > 0 && { Policies: [policy] }),
      ...properties,
    },
  };
}

/** Lets rules send to these queues, of which the logical ids are given. */
export const queuePolicyForRules = (...queues: readonly string[]) => ({
  Type: 'AWS::SQS::QueuePolicy',
  Properties: {
    Queues: queues.map(ref),
    PolicyDocument: {
      Statement: queues.map((name) => ({
        Effect: 'Allow',
        Action: 'sqs:SendMessage',
        Resource: getAtt(name, 'Arn'),
        Principal: { Service: 'events.amazonaws.com' },
      })),
    },
  },
});

export const queue = (properties: Record<string, unknown> = {}) => ({
  Type: 'AWS::SQS::Queue',
  Properties: properties,
});

export const table = (properties: Record<string, unknown> = {}) => ({
  Type: 'AWS::DynamoDB::Table',
  Properties: {
    AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
    KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
    BillingMode: 'PAY_PER_REQUEST',
    ...properties,
  },
});

export const getAtt = (logicalId: string, attribute: string) => ({ 'Fn::GetAtt': [logicalId, attribute] });
export const ref = (logicalId: string) => ({ Ref: logicalId });

/** Where a package's entry is, for code that runs outside the project. */
export function entryOf(packageName: string): string {
  return createRequire(import.meta.url).resolve(packageName);
}
