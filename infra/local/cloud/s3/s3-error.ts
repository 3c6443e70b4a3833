/** Errors that several S3 operations answer. */
import { AwsError } from '../aws/aws-error.ts';

export function notImplemented(what: string): AwsError {
  return new AwsError('NotImplemented', `the local S3 does not know ${what}`, { status: 501 });
}

export function noSuchKey(): AwsError {
  return new AwsError('NoSuchKey', 'The specified key does not exist.', { status: 404 });
}

export function noSuchBucket(): AwsError {
  return new AwsError('NoSuchBucket', 'The specified bucket does not exist', { status: 404 });
}

export function preconditionFailed(): AwsError {
  return new AwsError('PreconditionFailed', 'At least one of the pre-conditions you specified did not hold', {
    status: 412,
  });
}
