/**
 * Opens the link to an input image, for the provider that is to work on it. The bytes themselves are the answer: not
 * every provider follows redirects, and what came inside a request of 6 MB as base64 fits into an answer of 6 MB.
 */
import { GetObjectCommand, NoSuchKey, type S3Client } from '@aws-sdk/client-s3';
import { inputKey } from '../../shared/images/links.ts';
import type { Signer } from '../../shared/security/signer.ts';
import type { ImageLink } from './open-image.ts';

export type OpenedInput =
  | { readonly kind: 'input'; readonly base64: string; readonly contentType: string }
  /** The link is forged or has expired. */
  | { readonly kind: 'forbidden' }
  /** It is kept no longer. */
  | { readonly kind: 'unknown' };

export async function openInput(
  { s3, bucket }: { readonly s3: S3Client; readonly bucket: string },
  signer: Signer,
  { taskId, index, signature }: ImageLink,
): Promise<OpenedInput> {
  if (!signer.verifyInputLink(taskId, index, signature)) return { kind: 'forbidden' };
  try {
    const { Body, ContentType = '' } = await s3.send(
      new GetObjectCommand({ Bucket: bucket, Key: inputKey(taskId, index) }),
    );
    return { kind: 'input', base64: await Body!.transformToString('base64'), contentType: ContentType };
  } catch (error) {
    if (error instanceof NoSuchKey) return { kind: 'unknown' };
    throw error;
  }
}
