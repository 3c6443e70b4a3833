/**
 * TIFF: the first image's size, and whether the file reaches as far as that image's data.
 * Source: TIFF 6.0, 2 (structure) and 8 (fields).
 *
 *   II*0 offset ──► directory: number of fields (2); tag (2), type (2), count (4), value or its offset (4), …
 *
 * Data in several pieces have two tables elsewhere: where each is, and how long. When the tables come before the
 * directory, so do the data, as the usual writers have it, and the directory's end is the file's.
 */
import { type ByteReader, MalformedImage, type Reading, type Waiting } from './byte-reader.ts';

const WIDTH = 256;
const HEIGHT = 257;
/** Of strips, and of tiles: where they are, how long they are. */
const pieces = [
  { offsets: 273, lengths: 279 },
  { offsets: 324, lengths: 325 },
];
const MAX_PIECES = 100_000;
/** SHORT and LONG. */
const bytesOf: Record<number, number> = { 3: 2, 4: 4 };

interface Field {
  readonly bytes: number;
  readonly count: number;
  /** The value of a single one, the offset of several. */
  readonly value: number;
}

type ReadUint = (bytes: Buffer, at: number, length: number) => number;

export function* readTiff(reader: ByteReader): Reading<void> {
  const head = yield* reader.take(8);
  const uint: ReadUint =
    head[0] === 0x49
      ? (bytes, at, length) => bytes.readUIntLE(at, length)
      : (bytes, at, length) => bytes.readUIntBE(at, length);
  const directory = uint(head, 4, 4);
  if (directory < 8) throw new MalformedImage('has an impossible directory');
  yield* reader.skip(directory - 8);
  const fields = yield* readDirectory(reader, uint);
  yield { width: fields.get(WIDTH)?.value ?? 0, height: fields.get(HEIGHT)?.value ?? 0 };
  for (const tags of pieces) {
    const [offsets, lengths] = [fields.get(tags.offsets), fields.get(tags.lengths)];
    if (!offsets || offsets.count !== lengths?.count) continue;
    const end = yield* endOfPieces(reader, uint, { directory, offsets, lengths });
    return yield* reader.skip(end - reader.position);
  }
  throw new MalformedImage('does not say where its picture is');
}

function* readDirectory(reader: ByteReader, uint: ReadUint): Waiting<ReadonlyMap<number, Field>> {
  const fields = new Map<number, Field>();
  const count = uint(yield* reader.take(2), 0, 2);
  for (let nth = 0; nth < count; nth++) {
    const field = yield* reader.take(12);
    const bytes = bytesOf[uint(field, 2, 2)] ?? 0;
    const values = uint(field, 4, 4);
    const value = uint(field, 8, values * bytes <= 4 && bytes > 0 ? bytes : 4);
    fields.set(uint(field, 0, 2), { bytes, count: values, value });
  }
  // Where the next image's directory is.
  yield* reader.skip(4);
  return fields;
}

interface Pieces {
  /** Where the directory begins. */
  readonly directory: number;
  readonly offsets: Field;
  readonly lengths: Field;
}

/** @returns where the last piece ends, or what is known of it */
function* endOfPieces(
  reader: ByteReader,
  uint: ReadUint,
  { directory, offsets, lengths }: Pieces,
): Waiting<number> {
  if (offsets.count === 1) return offsets.value + lengths.value;
  if (offsets.count > MAX_PIECES) throw new MalformedImage('has too many pieces');
  const tables = [offsets, lengths].sort((one, other) => one.value - other.value);
  const ends = new Float64Array(offsets.count);
  for (const { value, bytes } of tables) {
    if (value < directory) return 0;
    if (value < reader.position) throw new MalformedImage('has tables on top of one another');
    yield* reader.skip(value - reader.position);
    const table = yield* reader.take(ends.length * bytes);
    for (let nth = 0; nth < ends.length; nth++) ends[nth]! += bytes && uint(table, nth * bytes, bytes);
  }
  return ends.reduce((end, other) => Math.max(end, other), 0);
}
