/** The documented limits of an input image, checked before anything is sent. Source: docs/models.md, "Input images". */
import type { ImageFault } from './reference.ts';

export const MAX_BYTES = 10 * 1024 * 1024;
export const MIN_SIDE = 384;
export const MAX_SIDE = 5000;
/** As a file picker names them. */
export const ACCEPTED = 'image/jpeg,image/png,image/bmp,image/webp';

export type ImageType = 'jpeg' | 'png' | 'bmp' | 'webp';

/** By its first bytes: a name and a declared type may say anything. */
export function typeOf(bytes: Uint8Array): ImageType | undefined {
  const begins = (text: string, at = 0) => [...text].every((c, i) => bytes[at + i] === c.charCodeAt(0));
  if (begins('\xff\xd8\xff')) return 'jpeg';
  if (begins('\x89PNG\r\n\x1a\n')) return 'png';
  if (begins('BM')) return 'bmp';
  return begins('RIFF') && begins('WEBP', 8) ? 'webp' : undefined;
}

const COLOUR_TYPE_AT = 25;
const FIRST_CHUNK_AFTER_IHDR = 33;

/** Whether a PNG has an alpha channel, or a `tRNS` chunk before its data. Source: the PNG specification, 11.2.1 and 11.3.1. */
export function isTransparentPng(bytes: Uint8Array): boolean {
  if (typeOf(bytes) !== 'png') return false;
  if (bytes[COLOUR_TYPE_AT] === 4 || bytes[COLOUR_TYPE_AT] === 6) return true;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = FIRST_CHUNK_AFTER_IHDR; at + 8 <= bytes.length; at += 12 + view.getUint32(at)) {
    const name = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    if (name === 'tRNS') return true;
    if (name === 'IDAT') return false;
  }
  return false;
}

export interface ImageFacts {
  readonly width: number;
  readonly height: number;
  readonly bytes: number;
}

/** What the head of a file alone tells. */
export function headFault(head: Uint8Array, bytes: number): ImageFault | undefined {
  if (!typeOf(head)) return 'type';
  if (bytes > MAX_BYTES) return 'bytes';
  return isTransparentPng(head) ? 'transparent' : undefined;
}

export function sideFault({ width, height }: Pick<ImageFacts, 'width' | 'height'>): ImageFault | undefined {
  return [width, height].some((side) => side < MIN_SIDE || side > MAX_SIDE) ? 'side' : undefined;
}

/** Whether drawing it anew mends it: on white, as a JPEG, or smaller. What is too small stays too small. */
export function isMendable(
  fault: ImageFault,
  { width, height }: Pick<ImageFacts, 'width' | 'height'>,
): boolean {
  if (width === 0 || fault === 'refused' || fault === 'unreadable') return false;
  const shrink = Math.min(1, MAX_SIDE / Math.max(width, height));
  return Math.min(width, height) * shrink >= MIN_SIDE;
}
