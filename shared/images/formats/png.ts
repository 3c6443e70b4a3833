/** PNG, chunk by chunk to `IEND`, with every checksum. Source: the PNG specification, 5.2 to 5.6 and 11.2.1. */
import { crc32 } from 'node:zlib';
import { type ByteReader, MalformedImage, type Reading } from './byte-reader.ts';

const SIGNATURE_BYTES = 8;
const IHDR_BYTES = 13;
const MAX_CHUNK = 2 ** 31 - 1;

export function* readPng(reader: ByteReader): Reading<void> {
  yield* reader.skip(SIGNATURE_BYTES);
  if ((yield* readChunk(reader)) !== 'IHDR') throw new MalformedImage('does not begin with IHDR');
  let hasData = false;
  while (true) {
    const name = yield* readChunk(reader);
    if (name === 'IDAT') hasData = true;
    if (name !== 'IEND') continue;
    if (!hasData) throw new MalformedImage('has no IDAT');
    return;
  }
}

/** Length (4), name (4), data, checksum of name and data (4). */
function* readChunk(reader: ByteReader): Reading<string> {
  const head = yield* reader.take(8);
  const length = head.readUInt32BE(0);
  const name = head.toString('latin1', 4);
  if (!/^[A-Za-z]{4}$/.test(name)) throw new MalformedImage(`has no chunk at byte ${reader.position - 8}`);
  if (length > MAX_CHUNK) throw new MalformedImage(`has an impossible length of ${name}`);
  let checksum = crc32(head.subarray(4));
  if (name === 'IHDR') {
    if (length !== IHDR_BYTES) throw new MalformedImage('has an impossible length of IHDR');
    const header = yield* reader.take(IHDR_BYTES);
    checksum = crc32(header, checksum);
    yield { width: header.readUInt32BE(0), height: header.readUInt32BE(4) };
  } else {
    yield* reader.each(length, (piece) => {
      checksum = crc32(piece, checksum);
    });
  }
  const stored = (yield* reader.take(4)).readUInt32BE(0);
  if (stored !== checksum) throw new MalformedImage(`has a wrong checksum of ${name}`);
  return name;
}
