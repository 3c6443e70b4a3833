/** Keeps the images that a provider delivered: every one ends in our bucket with its checksum, or is listed as lost. */
import { createHash } from 'node:crypto';
import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { type FetchRules, fetchImage } from '../../shared/images/fetch.ts';
import { inspectImage } from '../../shared/images/inspect.ts';
import type { KeptImage, LossReason, LostImage, TaskRecord } from '../../shared/task/record.ts';

export interface Archive {
  readonly s3: S3Client;
  readonly bucket: string;
  readonly rules: FetchRules;
  /** Lets only a few images at a time into memory, over all tasks that one function works on. */
  readonly limit: <T>(work: () => Promise<T>) => Promise<T>;
}

export interface Archived {
  readonly images: readonly KeptImage[];
  readonly lost: readonly LostImage[];
}

/**
 * @param urls in the provider's order
 * @throws ImageUnavailable or an S3 fault when trying again may help; then nothing is decided, and images that are
 *   already in the bucket are written again next time, to the same keys with the same bytes
 */
export async function archiveImages(
  archive: Archive,
  record: TaskRecord,
  urls: readonly string[],
  signal?: AbortSignal,
): Promise<Archived> {
  const kept = urls.map((url, index) => archive.limit(() => keep(archive, record, index, url, signal)));
  // Settled, not all: a fault must not leave the other images running on behind an answered message.
  const results = (await Promise.allSettled(kept)).map((result) => {
    if (result.status === 'rejected') throw result.reason;
    return result.value;
  });
  return {
    images: results.flatMap((result) => (result.kind === 'kept' ? [result.image] : [])),
    lost: results.flatMap((result) => (result.kind === 'lost' ? [result.image] : [])),
  };
}

type Kept =
  | { readonly kind: 'kept'; readonly image: KeptImage }
  | { readonly kind: 'lost'; readonly image: LostImage };

const lost = (index: number, reason: LossReason): Kept => ({ kind: 'lost', image: { index, reason } });

async function keep(
  { s3, bucket, rules }: Archive,
  record: TaskRecord,
  index: number,
  url: string,
  signal: AbortSignal | undefined,
): Promise<Kept> {
  const fetched = await fetchImage(url, rules, signal);
  if (fetched.kind === 'lost') return lost(index, fetched.reason);
  const { bytes } = fetched;
  const facts = inspectImage(bytes);
  if (facts.kind !== 'image') return lost(index, 'not_an_image');

  const digest = createHash('sha256').update(bytes).digest();
  const key = imageKey(record, index, facts.extension);
  await s3.send(
    new PutObjectCommand({
      Bucket: bucket,
      Key: key,
      Body: bytes,
      ContentType: facts.contentType,
      // S3 refuses the object if what arrived is not what we hashed.
      ChecksumSHA256: digest.toString('base64'),
    }),
    signal ? { abortSignal: signal } : {},
  );
  return {
    kind: 'kept',
    image: {
      index,
      width: facts.width,
      height: facts.height,
      bytes: bytes.length,
      content_type: facts.contentType,
      sha256: digest.toString('hex'),
      bucket,
      key,
    },
  };
}

/** `images/{owner}/{yyyy}/{mm}/{dd}/{taskId}/{index}.{ext}`: a repeated archive overwrites itself (docs/architecture.md, "Where things are kept"). */
export function imageKey(
  record: Pick<TaskRecord, 'id' | 'owner' | 'created'>,
  index: number,
  extension: string,
) {
  const day = new Date(record.created * 1000).toISOString().slice(0, 10).replaceAll('-', '/');
  return `images/${record.owner}/${day}/${record.id}/${index}.${extension}`;
}
