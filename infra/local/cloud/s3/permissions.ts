/** What the operations of S3 need to be allowed (S3 user guide, "Required permissions for Amazon S3 API operations"). */
import type { Need } from '../iam/evaluate.ts';
import type { S3Request } from './s3-request.ts';

const ON_OBJECT: Readonly<Record<string, string>> = {
  DeleteObject: 's3:DeleteObject',
  GetObject: 's3:GetObject',
  HeadObject: 's3:GetObject',
  PutObject: 's3:PutObject',
};
const ON_BUCKET = new Set(['HeadBucket', 'ListObjectsV2']);

/** What a request needs; nothing for one that the local S3 does not know, and will refuse. */
export function needsOf(request: S3Request, partition: string): Need[] {
  const { operation, bucket, key, parameters } = request;
  if (operation === 'ListBuckets') return [{ action: 's3:ListAllMyBuckets', resource: '*' }];
  const bucketArn = `arn:${partition}:s3:::${bucket}`;
  const onObject = ON_OBJECT[operation];
  if (onObject) return [{ action: onObject, resource: `${bucketArn}/${key}`, policyOf: bucketArn }];
  if (!ON_BUCKET.has(operation)) return [];
  const context = {
    ...(parameters.has('prefix') && { 's3:prefix': parameters.get('prefix') ?? '' }),
    ...(parameters.has('delimiter') && { 's3:delimiter': parameters.get('delimiter') ?? '' }),
  };
  return [listing(bucketArn, context)];
}

/** To be told that an object is missing; whoever may not list the bucket is told that access is denied (API reference, GetObject). */
export function needOfMissing({ bucket }: S3Request, partition: string): Need {
  return listing(`arn:${partition}:s3:::${bucket}`, {});
}

function listing(bucketArn: string, context: Record<string, string>): Need {
  return { action: 's3:ListBucket', resource: bucketArn, context };
}
