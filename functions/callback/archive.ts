/** Keeps the images that a provider delivered: every one ends in our bucket with its checksum, or is listed as lost. */
import { createHash } from 'node:crypto';
import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { type FetchRules, fetchImage, ImageUnavailable } from '../../shared/images/fetch.ts';
import { type Inspection, inspectImage } from '../../shared/images/inspect.ts';
import type { KeptImage, LostImage, TaskRecord } from '../../shared/task/record.ts';
import type { AttemptNotes } from './attempt-notes.ts';

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

export interface ArchiveOptions {
  /** What earlier attempts know; what this one learns is added, also when it fails. */
  readonly notes: AttemptNotes;
  /** Whether a file that is cut short is kept as it is: its host was given time enough to deliver the whole. */
  readonly keepsTruncated: boolean;
  /** Whether a host that fails is not waited for any longer: its link is about to die. */
  readonly isLastChance: boolean;
  /** With which image to begin: hosts that hang must not be the first in every attempt. */
  readonly first: number;
  readonly signal?: AbortSignal | undefined;
}

/** Our own bucket did not take an image that its host delivers: nothing about the image is decided. */
export class ArchiveFault extends Error {
  override readonly name = 'ArchiveFault';
}

/**
 * @param urls in the provider's order
 * @throws ImageUnavailable or ArchiveFault when trying again may help; then nothing is decided
 */
export async function archiveImages(
  archive: Archive,
  record: TaskRecord,
  urls: readonly string[],
  options: ArchiveOptions,
): Promise<Archived> {
  const order = urls.map((_, nth) => (options.first + nth) % urls.length);
  const images = order.map((index) =>
    archive.limit(() => have(archive, record, index, urls[index]!, options)),
  );
  // Settled, not all: a fault must not leave the other images running on behind an answered message.
  const results = (await Promise.allSettled(images))
    .map((result) => {
      if (result.status === 'rejected') throw result.reason;
      return result.value;
    })
    .sort((one, other) => one.image.index - other.image.index);
  return {
    images: results.flatMap((result) => (result.kind === 'kept' ? [result.image] : [])),
    lost: results.flatMap((result) => (result.kind === 'lost' ? [result.image] : [])),
  };
}

type Kept =
  | { readonly kind: 'kept'; readonly image: KeptImage }
  | { readonly kind: 'lost'; readonly image: LostImage };

/** One that is kept already, or one that is fetched now. */
async function have(
  archive: Archive,
  record: TaskRecord,
  index: number,
  url: string,
  options: ArchiveOptions,
): Promise<Kept> {
  const { notes } = options;
  const before = notes.find(index, url);
  if (before) return { kind: 'kept', image: before };
  const result = await keepUnlessGivenUp(archive, record, index, url, options);
  if (result.kind === 'kept') {
    notes.addKept(result.image, url);
    return result;
  }
  if (result.image.reason === 'gone') notes.addGone(url);
  const renamed = notes.findRenamed(index);
  return renamed ? { kind: 'kept', image: renamed } : result;
}

async function keepUnlessGivenUp(
  archive: Archive,
  record: TaskRecord,
  index: number,
  url: string,
  options: ArchiveOptions,
): Promise<Kept> {
  try {
    return await keep(archive, record, index, url, options);
  } catch (error) {
    if (!(error instanceof ImageUnavailable && options.isLastChance)) throw error;
    return { kind: 'lost', image: { index, reason: 'unavailable' } };
  }
}

async function keep(
  archive: Archive,
  record: TaskRecord,
  index: number,
  url: string,
  { keepsTruncated, signal }: ArchiveOptions,
): Promise<Kept> {
  const fetched = await fetchImage(url, archive.rules, signal);
  if (fetched.kind === 'lost') return { kind: 'lost', image: { index, reason: fetched.reason } };
  const { bytes, encoding } = fetched;
  const inspection = inspectImage(bytes);
  // It may have been asked for while it was still being written; a second look is worth more than half a picture.
  if (!keepsTruncated && isCutShort(inspection)) {
    throw new ImageUnavailable(`${URL.parse(url)?.host}: the image is cut short`);
  }
  if (inspection.kind !== 'image') {
    return { kind: 'lost', image: { index, ...lossOf(inspection, encoding) } };
  }

  const digest = createHash('sha256').update(bytes).digest();
  const key = imageKey(record, index, digest, inspection.extension);
  await put(archive, key, bytes, digest, inspection.contentType, signal);
  return {
    kind: 'kept',
    image: {
      index,
      width: inspection.width,
      height: inspection.height,
      bytes: bytes.length,
      content_type: inspection.contentType,
      sha256: digest.toString('hex'),
      bucket: archive.bucket,
      key,
      ...(inspection.truncated && { truncated: true as const }),
    },
  };
}

const isCutShort = (inspection: Inspection): boolean =>
  inspection.kind === 'cut_short' || (inspection.kind === 'image' && inspection.truncated);

function lossOf(
  inspection: Exclude<Inspection, { kind: 'image' }>,
  encoding: string | undefined,
): Omit<LostImage, 'index'> {
  if (encoding !== undefined) return { reason: 'unsupported_encoding', encoding };
  const { format } = inspection;
  const reason = inspection.kind === 'unsupported' ? 'unsupported_format' : inspection.kind;
  return { reason, ...(format && { format }) };
}

/** @throws ArchiveFault when the bucket does not take it */
async function put(
  { s3, bucket }: Archive,
  key: string,
  bytes: Buffer,
  digest: Buffer,
  contentType: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  const object = new PutObjectCommand({
    Bucket: bucket,
    Key: key,
    Body: bytes,
    ContentType: contentType,
    // S3 refuses the object if what arrived is not what we hashed.
    ChecksumSHA256: digest.toString('base64'),
  });
  try {
    await s3.send(object, signal ? { abortSignal: signal } : {});
  } catch (cause) {
    if (signal?.aborted) throw cause;
    throw new ArchiveFault(`the bucket did not take ${key}`, { cause });
  }
}

/**
 * `images/{owner}/{yyyy}/{mm}/{dd}/{taskId}/{index}-{hash}.{ext}`: the content's hash is in its name, so that no later
 * write can change what a record names, and a repeated one changes nothing.
 */
export function imageKey(
  record: Pick<TaskRecord, 'id' | 'owner' | 'created'>,
  index: number,
  sha256: Buffer,
  extension: string,
): string {
  const day = new Date(record.created * 1000).toISOString().slice(0, 10).replaceAll('-', '/');
  const hash = sha256.toString('hex').slice(0, 32);
  return `images/${record.owner}/${day}/${record.id}/${index}-${hash}.${extension}`;
}
