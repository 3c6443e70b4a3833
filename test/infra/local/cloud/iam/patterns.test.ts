import { expect, test } from 'vitest';
import { actionFits, arnFits } from '../../../../../infra/local/cloud/iam/patterns.ts';

test.each([
  ['s3:GetObject', 's3:GetObject', true],
  ['S3:getobject', 's3:GetObject', true],
  ['s3:Get*', 's3:GetObject', true],
  ['s3:Get*', 's3:PutObject', false],
  ['*', 'sqs:SendMessage', true],
  ['sqs:?endMessage', 'sqs:SendMessage', true],
  ['sqs:SendMessage', 'sqs:SendMessageBatch', false],
  ['s3.GetObject', 's3:GetObject', false],
])('the action %s and %s: %s', (pattern, action, fit) => {
  expect(actionFits(pattern, action)).toBe(fit);
});

test.each([
  ['*', 'arn:aws:sqs:us-east-1:1:jobs', true],
  ['arn:aws:sqs:us-east-1:1:jobs', 'arn:aws:sqs:us-east-1:1:jobs', true],
  ['arn:aws:sqs:us-east-1:1:Jobs', 'arn:aws:sqs:us-east-1:1:jobs', false],
  ['arn:aws:s3:::pictures/in/*', 'arn:aws:s3:::pictures/in/a/b:c', true],
  ['arn:aws:s3:::pictures/in/*', 'arn:aws:s3:::pictures/out/a', false],
  ['arn:aws:s3:::pictures', 'arn:aws:s3:::pictures/in', false],
  ['arn:aws:dynamodb:*:*:table/t', 'arn:aws:dynamodb:us-east-1:1:table/t', true],
  ['arn:aws:dynamodb:us-east-1:1:table/t', 'arn:aws:dynamodb:us-east-1:1:table/t/index/i', false],
  // A wildcard stays within its part.
  ['arn:aws:sqs:*:jobs', 'arn:aws:sqs:us-east-1:1:jobs', false],
  // Parts that are left out are any.
  ['arn:aws:sqs', 'arn:aws:sqs:us-east-1:1:jobs', true],
  ['arn:aws:logs:us-east-1:1:log-group:g:*', 'arn:aws:logs:us-east-1:1:log-group:g:log-stream:s', true],
])('the ARN %s and %s: %s', (pattern, arn, fit) => {
  expect(arnFits(pattern, arn)).toBe(fit);
});
