/** A bucket in memory: keeps what is put, checks the checksum as S3 does, and fails when a test says so. */
import { createHash } from 'node:crypto';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';

export interface KeptObject {
  readonly bucket: string;
  readonly key: string;
  readonly body: Buffer;
  readonly contentType: string | undefined;
}

export interface Bucket {
  readonly s3: S3Client;
  /** Every put in order, repeated ones too. */
  readonly puts: KeptObject[];
}

/** @param beforePut may throw or wait; it is given the key */
export function bucketInMemory(beforePut: (key: string) => unknown = () => undefined): Bucket {
  const puts: KeptObject[] = [];
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  // A real client, so that presigned addresses are real ones; only what it sends stays here.
  const s3 = new S3Client({ region: 'us-east-1', credentials });
  s3.send = (async (command: unknown) => {
    if (!(command instanceof PutObjectCommand)) throw new Error('this bucket only takes puts');
    const { Bucket = '', Key = '', Body, ContentType, ChecksumSHA256 } = command.input;
    await beforePut(Key);
    const body = Buffer.from(Body as Buffer);
    const checksum = createHash('sha256').update(body).digest('base64');
    if (ChecksumSHA256 !== undefined && ChecksumSHA256 !== checksum) throw new Error('BadDigest');
    puts.push({ bucket: Bucket, key: Key, body, contentType: ContentType });
    return {};
  }) as never;
  return { s3, puts };
}
