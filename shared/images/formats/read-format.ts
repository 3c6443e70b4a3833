/** Reads a file as the format that its first bytes name. */
import { readBmp } from './bmp.ts';
import { type ByteReader, MalformedImage, type Reading, type Size, type Waiting } from './byte-reader.ts';
import { readGif } from './gif.ts';
import { readHeif } from './heif.ts';
import { readJpeg } from './jpeg.ts';
import { readJxl } from './jxl.ts';
import { readPng } from './png.ts';
import type { ImageFormat } from './signatures.ts';
import { readTiff } from './tiff.ts';
import { readWebp } from './webp.ts';

export interface FormatReading {
  readonly size?: Size | undefined;
  /** Why the format could not be followed to its end. */
  readonly flaw?: MalformedImage;
}

const parsers: Record<ImageFormat, (reader: ByteReader) => Reading<void>> = {
  PNG: readPng,
  JPEG: readJpeg,
  WEBP: readWebp,
  BMP: readBmp,
  GIF: readGif,
  AVIF: readHeif,
  HEIC: readHeif,
  'JPEG XL': readJxl,
  TIFF: readTiff,
};

/** @param onlySize no further than to the size */
export function* readFormat(
  reader: ByteReader,
  format: ImageFormat,
  onlySize: boolean,
): Waiting<FormatReading> {
  let size: Size | undefined;
  try {
    for (const found of parsers[format](reader)) {
      if (found) size ??= checked(found);
      if (size && onlySize) break;
      if (!found) yield;
    }
    return { size };
  } catch (flaw) {
    if (flaw instanceof MalformedImage) return { size, flaw };
    throw flaw;
  }
}

function checked(size: Size): Size {
  if (size.width > 0 && size.height > 0) return size;
  throw new MalformedImage('has no pixels');
}
