/**
 * Adds what the tasks' changes amount to to the ledger, each change once: one transaction adds to the rows and moves the
 * shard's checkpoint, from where it was read to the last change that was added.
 *
 *   checkpoint 5 ─► batch 4…9 ─► 4, 5 are skipped ─► rows + (6…9), checkpoint 5 → 9 ─┬─ written
 *                                                                                   ├─ no answer: the batch comes again, 9 is read
 *                                                                                   └─ no longer 5: somebody else; read again
 */
import { type Change, type Chunk, chunksOf } from './chunks.ts';

export interface LedgerStore {
  /** The last change of the shard that is in the ledger; nothing when none is. */
  checkpoint(shardId: string): Promise<string | undefined>;
  /** @returns false when the checkpoint is no longer `from`, and nothing was written */
  commit(shardId: string, from: string | undefined, chunk: Chunk): Promise<boolean>;
}

/** Only an invocation that was believed dead writes at the same time; it ends within its own time-out. */
const MOST_READINGS = 5;

/**
 * @param changes in the shard's order
 * @param names the metadata that has rows of its own
 * @throws what the store throws; then the same changes may come again, in whatever batches
 */
export async function keepLedger(
  store: LedgerStore,
  shardId: string,
  changes: readonly Change[],
  names: readonly string[],
): Promise<void> {
  for (let reading = 0; reading < MOST_READINGS; reading++) {
    const from = await store.checkpoint(shardId);
    const rest = changes.filter(({ sequence }) => from === undefined || sequence > from);
    if (await areWritten(store, shardId, from, chunksOf(rest, names))) return;
  }
  throw new Error(`The checkpoint of ${shardId} was moved by others again and again`);
}

async function areWritten(
  store: LedgerStore,
  shardId: string,
  first: string | undefined,
  chunks: readonly Chunk[],
): Promise<boolean> {
  let from = first;
  for (const chunk of chunks) {
    if (!(await store.commit(shardId, from, chunk))) return false;
    from = chunk.sequence;
  }
  return true;
}
