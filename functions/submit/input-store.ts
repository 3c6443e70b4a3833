/** Input images that came inside a request: kept in S3 under `inputs/`, handed to the provider as links of ours. */
import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { inputKey } from '../../shared/images/links.ts';
import type { AcceptedInput, InlineImage } from './input-images.ts';

export interface InputStore {
  readonly s3: S3Client;
  readonly bucket: string;
}

/**
 * @param linkTo the address of the task's input with this index
 * @returns addresses that a provider can fetch, in the images' order
 */
export function addressesOf(
  store: InputStore,
  taskId: string,
  inputs: readonly AcceptedInput[],
  linkTo: (index: number) => string,
): Promise<string[]> {
  return Promise.all(
    inputs.map(async (image, index) => {
      if (image.kind === 'remote') return image.url;
      await keep(store, inputKey(taskId, index), image);
      return linkTo(index);
    }),
  );
}

async function keep({ s3, bucket }: InputStore, key: string, { facts, bytes }: InlineImage): Promise<void> {
  const object = { Bucket: bucket, Key: key, Body: bytes, ContentType: facts.contentType };
  await s3.send(new PutObjectCommand(object));
}
