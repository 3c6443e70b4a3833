/** The second step: every task is asked for, and every image read and hashed. What is missing is named. */
import { createHash } from 'node:crypto';
import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import pLimit from 'p-limit';
import type { Wanhook } from '../../client/index.ts';

const AT_ONCE = 20;

export interface Verified {
  readonly completed: number;
  readonly images: number;
  /** What is not as it must be, a line for each task. */
  readonly problems: readonly string[];
}

/** @param images how many each task must have */
export async function verify(
  { client, s3 }: { readonly client: Wanhook; readonly s3: S3Client },
  ids: readonly string[],
  images: number,
  progress: (verified: number) => void,
): Promise<Verified> {
  const limit = pLimit(AT_ONCE);
  let done = 0;
  const verdicts = await Promise.all(
    ids.map((id) =>
      limit(async () => {
        const verdict = await verifyTask(client, s3, id, images);
        progress(++done);
        return verdict;
      }),
    ),
  );
  const problems = verdicts.flatMap(({ problem }) => problem ?? []);
  return {
    completed: ids.length - problems.length,
    images: verdicts.reduce((sum, verdict) => sum + verdict.images, 0),
    problems,
  };
}

async function verifyTask(
  client: Wanhook,
  s3: S3Client,
  id: string,
  images: number,
): Promise<{ readonly images: number; readonly problem?: string }> {
  const task = await client.get(id);
  if (task.status !== 'completed') return { images: 0, problem: `${id} is ${task.status}` };
  if (task.images.length !== images) return { images: 0, problem: `${id} has ${task.images.length} images` };
  for (const { s3: place, sha256 } of task.images) {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: place.bucket, Key: place.key }));
    const bytes = await Body!.transformToByteArray();
    if (createHash('sha256').update(bytes).digest('hex') !== sha256) {
      return { images: 0, problem: `${id} names other bytes than ${place.key} has` };
    }
  }
  return { images };
}
