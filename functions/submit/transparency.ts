/** Whether a PNG has a transparent channel, from its head alone. Source: the PNG specification, 11.2.1 and 11.3.1. */

const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const COLOUR_TYPE_AT = 25;
const FIRST_CHUNK_AFTER_IHDR = 33;
const withAlpha = new Set([4, 6]);
const TRNS = Buffer.from('tRNS').readUInt32BE(0);
const IDAT = Buffer.from('IDAT').readUInt32BE(0);

/** True for a PNG with an alpha channel or a `tRNS` chunk; false for anything else, also for what is no PNG. */
export function hasTransparency(bytes: Buffer): boolean {
  if (!bytes.subarray(0, 8).equals(signature)) return false;
  return withAlpha.has(bytes[COLOUR_TYPE_AT] ?? 0) || hasChunkBeforeData(bytes, TRNS);
}

/** Chunks: length (4), name (4), data, checksum (4). `tRNS` must stand before `IDAT`. */
function hasChunkBeforeData(bytes: Buffer, wanted: number): boolean {
  let at = FIRST_CHUNK_AFTER_IHDR;
  while (at + 8 <= bytes.length) {
    const name = bytes.readUInt32BE(at + 4);
    if (name === wanted) return true;
    if (name === IDAT) return false;
    at += 12 + bytes.readUInt32BE(at);
  }
  return false;
}
