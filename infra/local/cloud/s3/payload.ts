/** The body of a PUT to S3, read as a stream: decodes the SDK's chunks and verifies every digest that comes with it. */
import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { crc32 } from 'node:zlib';
import { AwsError } from '../aws/aws-error.ts';
import { decodeChunks } from './chunked-body.ts';
import { notImplemented } from './s3-error.ts';

/** Header name (`x-amz-checksum-sha256`) and base64 value. */
export type Checksum = readonly [name: string, value: string];

/** What is known of an object's bytes once all of them have been read and verified. */
export interface Verified {
  readonly size: number;
  /** In hexadecimal. */
  readonly md5: string;
  /** The checksum that came with the object, if one did. */
  readonly checksum: Checksum | undefined;
}

const CHECKSUM_PREFIX = 'x-amz-checksum-';
const UNSIGNED_CHUNKS = 'STREAMING-UNSIGNED-PAYLOAD-TRAILER';

interface Digest {
  update(bytes: Buffer): void;
  /** In base64. */
  value(): string;
}

const DIGESTS: Readonly<Record<string, () => Digest>> = {
  crc32: crc32Digest,
  sha1: () => hashDigest('sha1'),
  sha256: () => hashDigest('sha256'),
};

/** One body; `content` is to be read once and to its end, then `verified` tells what it was. */
export class Payload {
  readonly #headers: IncomingHttpHeaders;
  readonly #body: AsyncIterable<Buffer>;
  readonly #trailer = new Map<string, string>();
  readonly #checksumName: string | undefined;
  readonly #checksum: Digest | undefined;
  #verified: Verified | undefined;

  /** @throws AwsError NotImplemented for a kind of checksum or of chunks that is not known here. */
  constructor(headers: IncomingHttpHeaders, body: AsyncIterable<Buffer>) {
    this.#headers = headers;
    this.#body = body;
    this.#checksumName = checksumName(headers);
    this.#checksum = this.#checksumName ? digestFor(this.#checksumName) : undefined;
  }

  /** @throws Error before all has been read */
  get verified(): Verified {
    if (this.#verified) return this.#verified;
    throw new Error('the body has not been read to its end');
  }

  /** The object's bytes. @throws AwsError after the last of them when a digest or the length is not as announced. */
  async *content(): AsyncGenerator<Buffer> {
    const sha256 = createHash('sha256');
    const md5 = createHash('md5');
    let size = 0;
    for await (const bytes of this.#decoded()) {
      sha256.update(bytes);
      md5.update(bytes);
      this.#checksum?.update(bytes);
      size += bytes.length;
      yield bytes;
    }
    const md5Digest = md5.digest();
    this.#checkLength(size);
    this.#checkDeclared(sha256.digest('hex'));
    this.#checkMd5(md5Digest.toString('base64'));
    this.#verified = { size, md5: md5Digest.toString('hex'), checksum: this.#checkChecksum() };
  }

  #decoded(): AsyncIterable<Buffer> {
    const kind = `${this.#headers['x-amz-content-sha256'] ?? ''}`;
    if (!kind.startsWith('STREAMING-')) return this.#body;
    // Chunks with signatures of their own would have to be verified one by one.
    if (kind !== UNSIGNED_CHUNKS) throw notImplemented(`x-amz-content-sha256: ${kind}`);
    return decodeChunks(this.#body, this.#trailer);
  }

  #checkLength(size: number): void {
    const announced = this.#headers['x-amz-decoded-content-length'];
    if (announced !== undefined && Number(announced) !== size) {
      throw new AwsError(
        'IncompleteBody',
        'You did not provide the number of bytes specified by the x-amz-decoded-content-length HTTP header',
      );
    }
  }

  #checkDeclared(sha256: string): void {
    const declared = `${this.#headers['x-amz-content-sha256'] ?? ''}`;
    if (!/^[0-9a-f]{64}$/.test(declared) || declared === sha256) return;
    throw new AwsError(
      'XAmzContentSHA256Mismatch',
      "The provided 'x-amz-content-sha256' header does not match what was computed.",
    );
  }

  #checkMd5(md5: string): void {
    const given = this.#headers['content-md5'];
    if (given !== undefined && given !== md5) throw badDigest('Content-MD5');
  }

  #checkChecksum(): Checksum | undefined {
    const name = this.#checksumName;
    const promised = this.#headers['x-amz-trailer'];
    const undeclared = [...this.#trailer.keys()].find((key) => key !== promised);
    if (undeclared !== undefined || (promised !== undefined && !this.#trailer.has(`${promised}`))) {
      throw new AwsError('MalformedTrailerError', 'The trailer is not the one that x-amz-trailer announces.');
    }
    if (!name || !this.#checksum) return undefined;
    const given = `${this.#headers[name] ?? this.#trailer.get(name)}`;
    if (given !== this.#checksum.value()) throw badDigest(name);
    return [name, given];
  }
}

/** The one checksum of a request, in its headers or announced for its trailer. */
function checksumName(headers: IncomingHttpHeaders): string | undefined {
  const inTrailer = headers['x-amz-trailer'];
  const names = [...Object.keys(headers), ...(inTrailer ? [`${inTrailer}`] : [])].filter(isChecksum);
  if (names.length > 1) {
    throw new AwsError('InvalidRequest', 'Expecting a single x-amz-checksum- header');
  }
  return names[0];
}

function isChecksum(name: string): boolean {
  return name.startsWith(CHECKSUM_PREFIX) && name !== 'x-amz-checksum-mode' && name !== 'x-amz-checksum-type';
}

function digestFor(name: string): Digest {
  const create = DIGESTS[name.slice(CHECKSUM_PREFIX.length)];
  if (create) return create();
  throw notImplemented(`the checksum ${name}; it knows ${Object.keys(DIGESTS).join(', ')}`);
}

function hashDigest(algorithm: string): Digest {
  const hash = createHash(algorithm);
  return { update: (bytes) => hash.update(bytes), value: () => hash.digest('base64') };
}

function crc32Digest(): Digest {
  let sum = 0;
  return {
    update: (bytes) => {
      sum = crc32(bytes, sum);
    },
    value: () => {
      const bytes = Buffer.alloc(4);
      bytes.writeUInt32BE(sum);
      return bytes.toString('base64');
    },
  };
}

function badDigest(name: string): AwsError {
  return new AwsError('BadDigest', `The ${name} you specified did not match what we received.`);
}
