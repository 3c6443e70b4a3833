import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readPayload } from '../../../../../infra/local/cloud/s3/payload.ts';

const HEADERS = { 'x-amz-content-sha256': 'STREAMING-UNSIGNED-PAYLOAD-TRAILER' };

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
test('whatever was wrapped in chunks is unwrapped again', () => {
  fc.assert(
    fc.property(chunkLists, (chunks) => {
      const whole = Buffer.concat(chunks);
      const { content, checksum } = readPayload(HEADERS, wrap(chunks, crc32Of(whole)));
      return content.equals(whole) && checksum?.[1] === crc32Of(whole);
    }),
  );
});

test('a body that is cut short is refused, wherever it is cut', () => {
  fc.assert(
    fc.property(chunkLists, fc.nat(), (chunks, position) => {
      const whole = Buffer.concat(chunks);
      const wrapped = wrap(chunks, crc32Of(whole));
      // What is cut from the last line's end only is the line's end.
      const cut = wrapped.subarray(0, position % (wrapped.length - 5));
      expect(() => readPayload({ ...HEADERS, 'x-amz-trailer': 'x-amz-checksum-crc32' }, cut)).toThrow();
    }),
  );
});

test('bytes that do not fit one of their digests are refused', () => {
  const content = Buffer.from('content');
  const hex = createHash('sha256').update('other').digest('hex');

  expect(() => readPayload({ 'x-amz-content-sha256': hex }, content)).toThrow('does not match');
  expect(() => readPayload({ 'content-md5': 'AAAA' }, content)).toThrow('Content-MD5');
  expect(() => readPayload({ 'x-amz-checksum-sha1': 'AAAA' }, content)).toThrow('x-amz-checksum-sha1');
  expect(() => readPayload(HEADERS, wrap([content], 'AAAAAA=='))).toThrow('x-amz-checksum-crc32');
});

test('a kind of checksum that is not known is refused by name', () => {
  expect(() => readPayload({ 'x-amz-checksum-crc64nvme': 'AAAA' }, Buffer.from('x'))).toThrow(
    'not x-amz-checksum-crc64nvme',
  );
});
