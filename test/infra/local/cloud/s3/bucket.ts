/** A cloud with one bucket, and a client for it that tries once. */
import { createHash } from 'node:crypto';
import { S3Client } from '@aws-sdk/client-s3';
import type { LocalCloudOptions } from '../../../../../infra/local/cloud/index.ts';
import { boot, clientOf } from '../stacks.ts';

export const Bucket = 'images';

export async function bootBucket(options: Partial<LocalCloudOptions> = {}) {
  const cloud = await boot(
    { Resources: { Images: { Type: 'AWS::S3::Bucket', Properties: { BucketName: Bucket } } } },
    options,
  );
  const s3 = new S3Client({ ...clientOf(cloud, 's3'), maxAttempts: 1 });
  return { cloud, s3 };
}

export const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('base64');

export const failure = (promise: Promise<unknown>) =>
  promise.then(
    () => ({ name: 'none', $metadata: { httpStatusCode: 200 } }),
    (error: { name: string; $metadata: { httpStatusCode?: number } }) => error,
  );
