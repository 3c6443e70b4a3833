/** Undoes what a host did to a body although it was asked for the bytes as they are (RFC 9110, 8.4). */
import { promisify } from 'node:util';
import zlib from 'node:zlib';

export type Decoded =
  | { readonly kind: 'decoded'; readonly bytes: Buffer }
  /** The bytes as they came: we do not know the encoding, or it is not that of these bytes. */
  | { readonly kind: 'undecoded'; readonly bytes: Buffer; readonly encoding: string }
  | { readonly kind: 'too_large' };

type Decoder = (bytes: Buffer, maxOutputLength: number) => Promise<Buffer>;

// With a flush in the end's place, a stream that was cut short gives what there is of it.
const { BROTLI_OPERATION_FLUSH, ZSTD_e_flush, Z_SYNC_FLUSH } = zlib.constants;
const gunzip: Decoder = (bytes, maxOutputLength) =>
  promisify(zlib.gunzip)(bytes, { maxOutputLength, finishFlush: Z_SYNC_FLUSH });

const decoders = new Map<string, Decoder>([
  ['gzip', gunzip],
  ['x-gzip', gunzip],
  [
    'deflate',
    (bytes, maxOutputLength) =>
      promisify(zlib.inflate)(bytes, { maxOutputLength, finishFlush: Z_SYNC_FLUSH }),
  ],
  [
    'br',
    (bytes, maxOutputLength) =>
      promisify(zlib.brotliDecompress)(bytes, { maxOutputLength, finishFlush: BROTLI_OPERATION_FLUSH }),
  ],
  [
    'zstd',
    (bytes, maxOutputLength) =>
      promisify(zlib.zstdDecompress)(bytes, { maxOutputLength, finishFlush: ZSTD_e_flush }),
  ],
]);

/** More than one is unheard of, more than a few is an attack. */
const MOST_ENCODINGS = 3;
/** Of an encoding's name, for those who read why an image was lost. */
const NAME_LENGTH = 40;

/**
 * @param header `Content-Encoding`, the one that was applied last standing last
 * @param maxBytes of each step's output
 */
export async function decodeContent(
  bytes: Buffer,
  header: string | undefined,
  maxBytes: number,
): Promise<Decoded> {
  const names = (header ?? '').split(',').map((name) => name.trim().toLowerCase());
  const encodings = names.filter((name) => name !== '' && name !== 'identity').reverse();
  const undecoded: Decoded = { kind: 'undecoded', bytes, encoding: (header ?? '').slice(0, NAME_LENGTH) };
  if (encodings.length > MOST_ENCODINGS) return undecoded;
  let decoded = bytes;
  for (const encoding of encodings) {
    const decode = decoders.get(encoding);
    if (!decode) return undecoded;
    try {
      decoded = await decode(decoded, maxBytes);
    } catch (error) {
      const isTooLarge = (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE';
      return isTooLarge ? { kind: 'too_large' } : undecoded;
    }
  }
  return { kind: 'decoded', bytes: decoded };
}
