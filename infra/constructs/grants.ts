/**
 * What a function may do, action by action. Not the constructs' own `grant…` methods: they allow more than is used, and
 * every grant here is shown to be needed (docs/permissions.md).
 */
import { Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { Bucket, CfnBucket } from 'aws-cdk-lib/aws-s3';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { acknowledge } from './acknowledge.ts';

/** Allows these actions on one resource, given by its ARN. */
export function allow(fn: IFunction, resource: string, ...actions: readonly string[]): void {
  fn.addToRolePolicy(new PolicyStatement({ actions: [...actions], resources: [resource] }));
}

/** Allows these actions on the objects whose keys begin with `folder/`. */
export function allowObjects(
  fn: IFunction,
  bucket: Bucket,
  folder: string,
  ...actions: readonly string[]
): void {
  const objects = `${folder}/*`;
  allow(fn, bucket.arnForObjects(objects), ...actions);
  const id = Stack.of(bucket).getLogicalId(bucket.node.defaultChild as CfnBucket);
  acknowledge(
    fn.role!,
    `IAM5[Resource::<${id}.Arn>/${objects}]`,
    `The keys of objects under ${folder}/ are not known before they are written.`,
  );
}

export function allowSending(fn: IFunction, queue: IQueue): void {
  allow(fn, queue.queueArn, 'sqs:SendMessage');
}

export function allowReading(fn: IFunction, secret: ISecret): void {
  allow(fn, secret.secretArn, 'secretsmanager:GetSecretValue');
}
