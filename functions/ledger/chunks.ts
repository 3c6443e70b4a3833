/** Cuts a batch of changes into parts that one transaction can take, each with the place in the shard up to which it goes. */
import { type LedgerRecord, type LedgerRow, LedgerSums, rowsOf } from '../../shared/usage/ledger-rows.ts';

/** A change of a task's record, as the stream tells it. */
export interface Change {
  /** Sorts as the stream's numbers do; see {@link sortable}. */
  readonly sequence: string;
  readonly before: Partial<LedgerRecord> | undefined;
  readonly after: Partial<LedgerRecord>;
}

export interface Chunk {
  /**
   * What is added to each row. It may be nothing, for changes that undo each other: the checkpoint moves past them all the
   * same, or a smaller batch that is still at work would add the first of them alone.
   */
  readonly rows: readonly LedgerRow[];
  /** Of the last change in it. */
  readonly sequence: string;
}

/** A transaction takes 100 items, of which one is the checkpoint. */
const MOST_ROWS = 99;
/** DynamoDB's sequence numbers have up to 40 digits. */
const DIGITS = 40;

/** Of one width, so that texts compare as the numbers do. */
export const sortable = (sequenceNumber: string): string => sequenceNumber.padStart(DIGITS, '0');

/**
 * @param changes in the shard's order
 * @param names the metadata that has rows of its own
 */
export function chunksOf(
  changes: readonly Change[],
  names: readonly string[],
  mostRows = MOST_ROWS,
): Chunk[] {
  const chunks: Chunk[] = [];
  let sums = new LedgerSums();
  let sequence = '';
  const cut = () => {
    chunks.push({ rows: sums.rows(), sequence });
    sums = new LedgerSums();
  };
  for (const change of changes) {
    const added = addedBy(change, names);
    if (sums.size + added.length > mostRows) cut();
    sums.add(added);
    sequence = change.sequence;
  }
  if (changes.length > 0) cut();
  return chunks;
}

function addedBy({ before, after }: Change, names: readonly string[]): LedgerRow[] {
  const sums = new LedgerSums();
  sums.add(rowsOf(after, names));
  if (before) sums.add(rowsOf(before, names), -1);
  return sums.rows();
}
