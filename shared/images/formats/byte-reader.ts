/**
 * Reads a file's bytes as they arrive, forwards only.
 *
 * What may be read of hostile bytes is bounded here, for every format: no byte is read twice, nothing that a header
 * claims is allocated, and after {@link MAX_READS} reads the file is refused, however small its parts are.
 */

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** A read that yields when it needs more bytes than there are yet. */
export type Waiting<T> = Generator<undefined, T, void>;

/** A parser: it also yields the image's size, as soon as it knows it. */
export type Reading<T> = Generator<Size | undefined, T, void>;

/** The bytes are not what the format demands. The message says what is wrong, for a log; it quotes no content. */
export class MalformedImage extends Error {
  override readonly name: string = 'MalformedImage';
}

/** The bytes end before the image does. */
export class ImageCutShort extends MalformedImage {
  override readonly name = 'ImageCutShort';
}

/** A GIF of 100 MB in full sub-blocks needs 800,000. */
export const MAX_READS = 1_000_000;

const EMPTY = Buffer.alloc(0);

export class ByteReader {
  #bytes: Buffer = EMPTY;
  #at = 0;
  #passed = 0;
  #reads = 0;
  #ended = false;

  /** How many bytes were read so far. */
  get position(): number {
    return this.#passed + this.#at;
  }

  /** How many reads were made so far: the parsers' work, but for what is linear in the bytes. */
  get reads(): number {
    return this.#reads;
  }

  feed(bytes: Uint8Array): void {
    const added = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const rest = this.#bytes.subarray(this.#at);
    this.#passed += this.#at;
    this.#at = 0;
    this.#bytes = rest.length > 0 ? Buffer.concat([rest, added]) : added;
  }

  /** No more bytes will be fed. */
  end(): void {
    this.#ended = true;
  }

  /** The next bytes, which stay unread; fewer when the file ends before. */
  *peek(length: number): Waiting<Buffer> {
    this.#count();
    while (this.#left < length && !this.#ended) yield undefined;
    return this.#bytes.subarray(this.#at, this.#at + length);
  }

  /** @param length small and known: a field or a header, never what a file claims */
  *take(length: number): Waiting<Buffer> {
    this.#count();
    while (this.#left < length) yield* this.#more();
    return this.#pass(length);
  }

  *skip(length: number): Waiting<void> {
    yield* this.each(length, () => undefined);
  }

  /** Shows all of the next bytes, in pieces. */
  *each(length: number, show: (piece: Buffer) => void): Waiting<void> {
    this.#count();
    for (let missing = length; missing > 0; ) {
      if (this.#left === 0) yield* this.#more();
      const piece = this.#pass(Math.min(missing, this.#left));
      missing -= piece.length;
      show(piece);
    }
  }

  /** Shows pieces until `find` says how many of a piece's bytes belong to what it looks for; nothing: all, and go on. */
  *until(find: (piece: Buffer) => number | undefined): Waiting<void> {
    this.#count();
    while (true) {
      if (this.#left === 0) yield* this.#more();
      const found = find(this.#bytes.subarray(this.#at));
      this.#pass(found ?? this.#left);
      if (found !== undefined) return;
    }
  }

  get #left(): number {
    return this.#bytes.length - this.#at;
  }

  #pass(length: number): Buffer {
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  *#more(): Waiting<void> {
    if (this.#ended)
      throw new ImageCutShort(`ends after ${this.position + this.#left} bytes, before it is complete`);
    yield undefined;
  }

  #count(): void {
    if (++this.#reads > MAX_READS) throw new MalformedImage(`has more than ${MAX_READS} parts`);
  }
}
