import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Payload } from '../../../../../infra/local/cloud/s3/payload.ts';

const HEADERS = {
  'x-amz-content-sha256': 'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
  'x-amz-trailer': 'x-amz-checksum-crc32',
};

/** Reads a body that comes in pieces of `pieceBytes`, as from a socket. */
async function readPayload(headers: Record<string, string>, body: Buffer, pieceBytes = 1 << 16) {
  async function* pieces() {
    for (let at = 0; at < body.length; at += pieceBytes) yield body.subarray(at, at + pieceBytes);
  }
  const payload = new Payload(headers, pieces());
  const content = await buffer(Readable.from(payload.content()));
  return { content, checksum: payload.verified.checksum };
}

function crc32Of(content: Uint8Array): string {
  const value = Buffer.alloc(4);
  value.writeUInt32BE(crc32(content));
  return value.toString('base64');
}

/** Wraps chunks as the SDK does, with their checksum behind them. */
function wrap(chunks: readonly Uint8Array[], checksum: string): Buffer {
  const framed = chunks
    .filter((chunk) => chunk.length > 0)
    .flatMap((chunk) => [Buffer.from(`${chunk.length.toString(16)}\r\n`), chunk, Buffer.from('\r\n')]);
  return Buffer.concat([...framed, Buffer.from(`0\r\nx-amz-checksum-crc32:${checksum}\r\n\r\n`)]);
}

const chunkLists = fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 6 });

// fast-check prints the seed of a run that fails.
test('whatever was wrapped in chunks is unwrapped again, in whatever pieces it comes', async () => {
  await fc.assert(
    fc.asyncProperty(chunkLists, fc.integer({ min: 1, max: 400 }), async (chunks, pieceBytes) => {
      const whole = Buffer.concat(chunks);
      const { content, checksum } = await readPayload(HEADERS, wrap(chunks, crc32Of(whole)), pieceBytes);
      return content.equals(whole) && checksum?.[1] === crc32Of(whole);
    }),
  );
});

test('a body that is cut short is refused, wherever it is cut', async () => {
  await fc.assert(
    fc.asyncProperty(chunkLists, fc.nat(), async (chunks, position) => {
      const whole = Buffer.concat(chunks);
      const wrapped = wrap(chunks, crc32Of(whole));
      const cut = wrapped.subarray(0, position % wrapped.length);
      await expect(readPayload(HEADERS, cut)).rejects.toThrow(/not a complete aws-chunked body/);
    }),
  );
});

test('bytes that do not fit one of their digests are refused', async () => {
  const content = Buffer.from('content');
  const hex = createHash('sha256').update('other').digest('hex');

  await expect(readPayload({ 'x-amz-content-sha256': hex }, content)).rejects.toThrow('does not match');
  await expect(readPayload({ 'content-md5': 'AAAA' }, content)).rejects.toThrow('Content-MD5');
  await expect(readPayload({ 'x-amz-checksum-sha1': 'AAAA' }, content)).rejects.toThrow(
    'x-amz-checksum-sha1',
  );
  await expect(readPayload(HEADERS, wrap([content], 'AAAAAA=='))).rejects.toThrow('x-amz-checksum-crc32');
});

test('a length that is not the announced one is refused', async () => {
  const headers = { ...HEADERS, 'x-amz-decoded-content-length': '4' };
  const content = Buffer.from('abc');

  await expect(readPayload(headers, wrap([content], crc32Of(content)))).rejects.toThrow(
    'x-amz-decoded-content-length',
  );
});

test('a trailer that is missing, or was not announced, is refused', async () => {
  const content = Buffer.from('abc');
  const { 'x-amz-trailer': _announced, ...unannounced } = HEADERS;

  await expect(readPayload(HEADERS, Buffer.from('3\r\nabc\r\n0\r\n\r\n'))).rejects.toThrow('trailer');
  await expect(readPayload(unannounced, wrap([content], crc32Of(content)))).rejects.toThrow('trailer');
});

test.each([
  [{ 'x-amz-checksum-crc64nvme': 'AAAA' }, 'x-amz-checksum-crc64nvme'],
  [{ 'x-amz-content-sha256': 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD' }, 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD'],
])('a kind of checksum or of chunks that is not known is refused by name: %j', async (headers, name) => {
  await expect(readPayload(headers, Buffer.from('x'))).rejects.toThrow(
    expect.objectContaining({ code: 'NotImplemented', message: expect.stringContaining(name) }),
  );
});

test('two checksums at once are refused, as S3 does', async () => {
  const headers = { 'x-amz-checksum-sha1': 'AAAA', 'x-amz-checksum-sha256': 'AAAA' };

  await expect(readPayload(headers, Buffer.from('x'))).rejects.toThrow('a single x-amz-checksum- header');
});
