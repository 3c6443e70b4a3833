/**
 * The `aws-chunked` encoding, in which an SDK sends a body whose checksum it knows only at the end (Amazon S3 API
 * reference, "Transferring payload in multiple chunks"):
 *
 *   <length in hexadecimal>\r\n <bytes> \r\n … 0\r\n <trailer name>:<value>\r\n \r\n
 */
import { AwsError } from '../aws/aws-error.ts';

/** A line is a chunk's length or one trailer. */
const MAX_LINE_BYTES = 1024;
const CRLF = '\r\n';

/**
 * The bytes of the chunks, in order.
 * @param trailer is filled, when the last chunk has been read, by lower-case name
 * @throws AwsError IncompleteBody when the body ends early or is not encoded so.
 */
export async function* decodeChunks(
  body: AsyncIterable<Buffer>,
  trailer: Map<string, string>,
): AsyncGenerator<Buffer> {
  const reader = new ByteReader(body);
  for (;;) {
    const length = chunkLength(await reader.line());
    if (length === 0) break;
    yield* reader.bytes(length);
    if ((await reader.line()) !== '') throw broken();
  }
  for (let line = await reader.line(); line !== ''; line = await reader.line()) {
    const colon = line.indexOf(':');
    if (colon < 1) throw broken();
    trailer.set(line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim());
  }
}

function chunkLength(line: string): number {
  if (/^[0-9a-f]{1,8}$/i.test(line)) return Number.parseInt(line, 16);
  throw broken();
}

function broken(): AwsError {
  return new AwsError('IncompleteBody', 'The request body is not a complete aws-chunked body.');
}

/** Reads lines and runs of bytes from a body that comes in pieces of any size. */
class ByteReader {
  readonly #pieces: AsyncIterator<Buffer>;
  #rest: Buffer = Buffer.alloc(0);

  constructor(body: AsyncIterable<Buffer>) {
    this.#pieces = body[Symbol.asyncIterator]();
  }

  /** The text before the next line end, which is consumed too. */
  async line(): Promise<string> {
    for (;;) {
      const end = this.#rest.indexOf(CRLF);
      if (end >= 0) {
        const line = this.#rest.toString('latin1', 0, end);
        this.#rest = this.#rest.subarray(end + CRLF.length);
        return line;
      }
      if (this.#rest.length > MAX_LINE_BYTES) throw broken();
      this.#rest = Buffer.concat([this.#rest, await this.#next()]);
    }
  }

  async *bytes(length: number): AsyncGenerator<Buffer> {
    let missing = length;
    while (missing > 0) {
      if (this.#rest.length === 0) this.#rest = await this.#next();
      const piece = this.#rest.subarray(0, missing);
      this.#rest = this.#rest.subarray(piece.length);
      missing -= piece.length;
      yield piece;
    }
  }

  async #next(): Promise<Buffer> {
    const { value, done } = await this.#pieces.next();
    if (done) throw broken();
    return value;
  }
}
