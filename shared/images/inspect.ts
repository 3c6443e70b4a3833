/** What the bytes say: really an image, which type, which size. Names and headers are not believed. */
import { imageSize } from 'image-size';

export interface ImageFacts {
  readonly contentType: string;
  readonly extension: string;
  readonly width: number;
  readonly height: number;
}

/** Raster types only: an SVG is a document that can run code in a browser. */
const types: Record<string, { contentType: string; extension: string }> = {
  png: { contentType: 'image/png', extension: 'png' },
  jpg: { contentType: 'image/jpeg', extension: 'jpg' },
  webp: { contentType: 'image/webp', extension: 'webp' },
  bmp: { contentType: 'image/bmp', extension: 'bmp' },
  gif: { contentType: 'image/gif', extension: 'gif' },
  avif: { contentType: 'image/avif', extension: 'avif' },
};

/** image-size reads past the end of a short view, into whatever shares its memory: such a one is copied first. */
const SHORT = 64 * 1024;

/** @returns nothing when the bytes are not a raster image with a size */
export function inspectImage(bytes: Uint8Array): ImageFacts | undefined {
  try {
    const { type = '', width, height } = imageSize(bytes.length < SHORT ? Uint8Array.from(bytes) : bytes);
    const known = types[type];
    return known && width > 0 && height > 0 ? { ...known, width, height } : undefined;
  } catch {
    return undefined;
  }
}
