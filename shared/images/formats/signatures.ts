/** What a file's first bytes say that it is. Names and headers are not believed. */

export const formats = {
  PNG: { contentType: 'image/png', extension: 'png' },
  JPEG: { contentType: 'image/jpeg', extension: 'jpg' },
  WEBP: { contentType: 'image/webp', extension: 'webp' },
  BMP: { contentType: 'image/bmp', extension: 'bmp' },
  GIF: { contentType: 'image/gif', extension: 'gif' },
  AVIF: { contentType: 'image/avif', extension: 'avif' },
  HEIC: { contentType: 'image/heic', extension: 'heic' },
  'JPEG XL': { contentType: 'image/jxl', extension: 'jxl' },
  TIFF: { contentType: 'image/tiff', extension: 'tiff' },
} as const;

/** Raster types only: an SVG is a document that can run code in a browser. */
export type ImageFormat = keyof typeof formats;

/** What the first bytes say; `beginning` when there are too few of them to be sure. */
export type Signature =
  | { readonly kind: 'image'; readonly format: ImageFormat }
  | { readonly kind: 'beginning' }
  /** A raster image that no parser here reads. */
  | { readonly kind: 'unsupported'; readonly format: string }
  | { readonly kind: 'other'; readonly name?: string | undefined };

/** So many of a file's first bytes are enough. */
export const SIGNATURE_BYTES = 512;

/** Latin-1; `?` stands for any byte. */
const images: readonly (readonly [ImageFormat, string])[] = [
  ['PNG', '\x89PNG\r\n\x1a\n'],
  ['JPEG', '\xff\xd8\xff'],
  ['WEBP', 'RIFF????WEBP'],
  ['BMP', 'BM'],
  ['GIF', 'GIF87a'],
  ['GIF', 'GIF89a'],
  ['JPEG XL', '\xff\x0a'],
  ['JPEG XL', '\0\0\0\x0cJXL \r\n\x87\n'],
  ['TIFF', 'II*\0'],
  ['TIFF', 'MM\0*'],
];

const unsupported: readonly (readonly [string, string])[] = [
  ['JPEG 2000', '\0\0\0\x0cjP  '],
  ['BigTIFF', 'II+\0'],
  ['BigTIFF', 'MM\0+'],
  ['icon', '\0\0\x01\0'],
  ['Photoshop', '8BPS'],
];

/** No image at all, but called by its name where it is refused. */
const others: readonly (readonly [string, string])[] = [
  ['gzip', '\x1f\x8b'],
  ['PDF', '%PDF-'],
  ['ZIP', 'PK\x03\x04'],
];

const ISO_MEDIA = '\0\0\0?ftyp';
const brands: readonly (readonly [ImageFormat, readonly string[]])[] = [
  ['AVIF', ['avif', 'avis']],
  ['HEIC', ['heic', 'heix', 'heim', 'heis', 'hevc', 'hevx', 'hevm', 'hevs']],
];

/** @param head the file's first bytes, {@link SIGNATURE_BYTES} unless it has fewer */
export function signatureOf(head: Buffer): Signature {
  const found = images.find(([, pattern]) => matches(head, pattern));
  if (found) return { kind: 'image', format: found[0] };
  if (matches(head, ISO_MEDIA)) return isoMedia(head);
  const unread = unsupported.find(([, pattern]) => matches(head, pattern));
  if (unread) return { kind: 'unsupported', format: unread[0] };
  const other = others.find(([, pattern]) => matches(head, pattern))?.[0] ?? markup(head);
  if (other === undefined && isBeginning(head)) return { kind: 'beginning' };
  return { kind: 'other', name: other };
}

function isBeginning(head: Buffer): boolean {
  const patterns = [ISO_MEDIA, ...images.map(([, pattern]) => pattern)];
  return head.length > 0 && patterns.some((pattern) => matches(head, pattern.slice(0, head.length)));
}

function matches(head: Buffer, pattern: string): boolean {
  if (head.length < pattern.length) return false;
  for (let at = 0; at < pattern.length; at++) {
    if (pattern[at] !== '?' && pattern.charCodeAt(at) !== head[at]) return false;
  }
  return true;
}

/** Length (4), `ftyp`, the major brand (4), its version (4), compatible brands (4 each). */
function isoMedia(head: Buffer): Signature {
  const length = Math.min(head.readUInt32BE(0), SIGNATURE_BYTES);
  const names = new Set<string>();
  for (let at = 8; at + 4 <= Math.min(length, head.length); at += 4) {
    if (at !== 12) names.add(head.toString('latin1', at, at + 4));
  }
  const found = brands.find(([, own]) => own.some((name) => names.has(name)));
  if (found) return { kind: 'image', format: found[0] };
  if (head.length < length) return { kind: 'beginning' };
  return names.has('mif1') ? { kind: 'unsupported', format: 'HEIF' } : { kind: 'other', name: 'ISO media' };
}

function markup(head: Buffer): string | undefined {
  const text = head
    .toString('latin1')
    .replace(/^\xef\xbb\xbf/, '')
    .trimStart()
    .toLowerCase();
  if (!text.startsWith('<')) return undefined;
  if (text.includes('<svg')) return 'SVG';
  return text.startsWith('<!doctype html') || text.startsWith('<html') ? 'HTML' : undefined;
}
