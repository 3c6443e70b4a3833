/**
 * What a function may do, action by action. Not the constructs' own `grant…` methods: they allow more than is used, and
 * every grant here is shown to be needed (docs/permissions.md).
 */

import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';

/** Allows these actions on one resource, given by its ARN. */
export function allow(fn: IFunction, resource: string, ...actions: readonly string[]): void {
  fn.addToRolePolicy(new PolicyStatement({ actions: [...actions], resources: [resource] }));
}

export function allowSending(fn: IFunction, queue: IQueue): void {
  allow(fn, queue.queueArn, 'sqs:SendMessage');
}

export function allowReading(fn: IFunction, secret: ISecret): void {
  allow(fn, secret.secretArn, 'secretsmanager:GetSecretValue');
}
