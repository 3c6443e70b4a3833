/**
 * What the bytes say: really an image, which type, which size, and whether it is all there.
 *
 * Every format is read to its end as its specification lays it out; no pixel is decoded. Whatever a header claims,
 * time is linear in the bytes and memory is bounded ({@link ByteReader}).
 */
import { ByteReader, ImageCutShort } from './formats/byte-reader.ts';
import { readFormat } from './formats/read-format.ts';
import { formats, type ImageFormat, SIGNATURE_BYTES, signatureOf } from './formats/signatures.ts';

export interface ImageFacts {
  readonly format: ImageFormat;
  readonly contentType: string;
  /** Without a dot. */
  readonly extension: string;
  /** In pixels, as they are stored: a rotation that a viewer should make is not. */
  readonly width: number;
  readonly height: number;
}

export interface InspectedImage extends ImageFacts {
  readonly kind: 'image';
  /** It does not reach its end: cut short, or damaged on the way there. */
  readonly truncated: boolean;
  /** What is wrong with a truncated one, for a log. */
  readonly flaw?: string;
}

/** Why there is no image. */
export type NoImage =
  /** It begins like an image and ends before it has named its size. */
  | { readonly kind: 'cut_short'; readonly format?: ImageFormat }
  /** A raster image by its first bytes, of a kind or in a shape that we cannot measure. */
  | { readonly kind: 'unsupported'; readonly format: string }
  /** With what it is instead, if that is known: `SVG`, `gzip`, `damaged PNG`, … */
  | { readonly kind: 'not_an_image'; readonly format?: string | undefined };

/** No provider says that it delivers others. What else can be measured is kept, and what cannot is not waited for. */
const documented: ReadonlySet<ImageFormat> = new Set(['PNG', 'JPEG', 'WEBP', 'BMP', 'GIF', 'AVIF']);

export type Inspection = InspectedImage | NoImage;
export type HeadInspection = (ImageFacts & { readonly kind: 'image' }) | NoImage;

/**
 * Inspects bytes while they arrive, as a hash is made:
 *
 *     const inspector = new ImageInspector();
 *     for await (const bytes of body) inspector.update(bytes);
 *     const inspection = inspector.result();
 */
export class ImageInspector {
  readonly #reader = new ByteReader();
  readonly #steps = inspection(this.#reader);
  #result: Inspection | undefined;

  /** Bytes behind the image's end are ignored, as every decoder does. */
  update(bytes: Uint8Array): void {
    if (this.#result) return;
    this.#reader.feed(bytes);
    this.#go();
  }

  /** What all the bytes are; no more may follow. */
  result(): Inspection {
    this.#reader.end();
    this.#go();
    return this.#result!;
  }

  /** How many reads it took, for tests: what it costs beside one pass over the bytes. */
  get reads(): number {
    return this.#reader.reads;
  }

  #go(): void {
    if (this.#result) return;
    const step = this.#steps.next();
    if (step.done) this.#result = step.value;
  }
}

export function inspectImage(bytes: Uint8Array): Inspection {
  const inspector = new ImageInspector();
  inspector.update(bytes);
  return inspector.result();
}

/** Reads no further than to the size. @param head a file, or as much of its beginning as there is */
export function inspectHead(head: Uint8Array): HeadInspection {
  const reader = new ByteReader();
  reader.feed(head);
  reader.end();
  // With all bytes there it waits for none.
  return inspection(reader, true).next().value!;
}

/** Yields when it needs more bytes. */
function* inspection(reader: ByteReader, onlySize = false): Generator<undefined, Inspection, void> {
  const signature = signatureOf(yield* reader.peek(SIGNATURE_BYTES));
  if (signature.kind === 'beginning') return { kind: 'cut_short' };
  if (signature.kind === 'unsupported') return signature;
  if (signature.kind === 'other') return { kind: 'not_an_image', format: signature.name };
  const { format } = signature;
  const { size, flaw } = yield* readFormat(reader, format, onlySize);
  if (size) {
    const facts = { format, ...formats[format], width: size.width, height: size.height };
    return { kind: 'image', ...facts, truncated: flaw !== undefined, ...(flaw && { flaw: flaw.message }) };
  }
  if (!documented.has(format)) return { kind: 'unsupported', format };
  if (flaw instanceof ImageCutShort) return { kind: 'cut_short', format };
  return { kind: 'not_an_image', format: `damaged ${format}` };
}
