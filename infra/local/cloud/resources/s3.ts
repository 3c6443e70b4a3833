/** AWS::S3::Bucket and AWS::S3::BucketPolicy. */
import * as z from 'zod';
import { resourcePolicy } from '../iam/statement.ts';
import { defineResource, physicalName, tags, withoutEffect } from './resource.ts';

const lifecycleRule = z.strictObject({
  Status: z.enum(['Enabled', 'Disabled']),
  // Objects do not expire here: a run lasts minutes, a rule days.
  ...withoutEffect(
    'AbortIncompleteMultipartUpload',
    'ExpirationInDays',
    'ExpiredObjectDeleteMarker',
    'Id',
    'NoncurrentVersionExpiration',
    'ObjectSizeGreaterThan',
    'ObjectSizeLessThan',
    'Prefix',
    'TagFilters',
    'Transitions',
  ),
});

const bucket = z.strictObject({
  BucketName: z.string().optional(),
  LifecycleConfiguration: z.strictObject({ Rules: z.array(lifecycleRule) }).optional(),
  Tags: tags,
  // Encryption at rest, the public access that nobody has here in any case, and versions, of which only the latest is kept.
  ...withoutEffect(
    'BucketEncryption',
    'OwnershipControls',
    'PublicAccessBlockConfiguration',
    'VersioningConfiguration',
  ),
});

const bucketPolicy = z.strictObject({ Bucket: z.string(), PolicyDocument: resourcePolicy });

export const s3Resources = [
  defineResource('AWS::S3::Bucket', bucket, (properties, placement) => {
    const { cloud } = placement;
    const name = properties.BucketName ?? physicalName(placement).toLowerCase();
    cloud.objects.createBucket(name);
    const host = new URL(cloud.endpoints.s3).host;
    return {
      ref: name,
      attributes: {
        Arn: `arn:${cloud.partition}:s3:::${name}`,
        DomainName: `${name}.${host}`,
        RegionalDomainName: `${name}.${host}`,
      },
    };
  }),

  defineResource('AWS::S3::BucketPolicy', bucketPolicy, (properties, { logicalId, cloud }) => {
    const bucketArn = `arn:${cloud.partition}:s3:::${properties.Bucket}`;
    cloud.policies.addToResource(bucketArn, logicalId, properties.PolicyDocument);
    return { ref: logicalId };
  }),
];
