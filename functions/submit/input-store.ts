/** Input images that came inside a request: kept in S3 under `inputs/`, handed to the provider as presigned URLs. */
import { GetObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import type { TaskRecord } from '../../shared/task/record.ts';
import type { AcceptedInput, InlineImage } from './input-images.ts';

export interface InputStore {
  readonly s3: S3Client;
  readonly bucket: string;
}

/** A provider fetches at once; one hour is less than any role's session lives. */
const LINK_SECONDS = 3600;

/** @returns addresses that a provider can fetch, in the images' order */
export function addressesOf(
  store: InputStore,
  record: TaskRecord,
  inputs: readonly AcceptedInput[],
): Promise<string[]> {
  return Promise.all(
    inputs.map((image, index) => (image.kind === 'remote' ? image.url : keep(store, record, index, image))),
  );
}

async function keep(
  { s3, bucket }: InputStore,
  record: TaskRecord,
  index: number,
  { facts: { contentType, extension }, bytes }: InlineImage,
): Promise<string> {
  const object = { Bucket: bucket, Key: `inputs/${record.owner}/${record.id}/${index}.${extension}` };
  await s3.send(new PutObjectCommand({ ...object, Body: bytes, ContentType: contentType }));
  return getSignedUrl(s3, new GetObjectCommand(object), { expiresIn: LINK_SECONDS });
}
