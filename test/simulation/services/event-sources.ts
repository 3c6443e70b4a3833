/** What brings messages and changes to a function, as Lambda's event source mappings do: at least once each. */
import type { Clock } from '../clock.ts';
import type { Faults } from '../faults.ts';
import type { Message, SimulatedQueue } from './queue.ts';

export interface SourceDependencies {
  readonly clock: Clock;
  readonly faults: Faults;
}

const waits: Readonly<Record<string, number>> = { soon: 20, 'after 5 s': 5000, 'after 90 s': 90_000 };

/**
 * @param work on one batch; it tells which messages have to come again
 */
export function feedFromQueue(
  { clock, faults }: SourceDependencies,
  queue: SimulatedQueue,
  { batchSize, windowSeconds = 0 }: { readonly batchSize: number; readonly windowSeconds?: number },
  work: (batch: readonly Message[]) => Promise<ReadonlySet<string>>,
): void {
  const { name, fifo } = queue.settings;
  let polls = 0;
  let isPolling = false;

  const run = async (batch: readonly Message[]) => {
    const failed = await work(batch).catch(() => undefined);
    // A function that dies leaves all of them to their visibility time-out.
    if (!failed) return;
    for (const { id, receives } of batch) {
      if (failed.has(id)) continue;
      const deleted = faults.pick(`${id}, received ${receives} times`, 'deleted', { 'comes again': 0.01 });
      if (deleted === 'deleted') queue.delete(id);
    }
  };
  const poll = () => {
    isPolling = false;
    const order = fifo
      ? 'in order'
      : faults.pick(`${name}, poll ${polls}, order`, 'in order', { reversed: 0.1 });
    if (order === 'reversed') queue.messages.reverse();
    for (let batch = queue.receive(batchSize); batch.length > 0; batch = queue.receive(batchSize))
      void run(batch);
  };
  queue.onVisible = () => {
    if (isPolling) return;
    isPolling = true;
    const chances = { 'after 5 s': 0.01, 'after 90 s': 0.003 };
    const wait = faults.pick(`${name}, poll ${++polls}`, 'soon', chances);
    clock.after(waits[wait]! + windowSeconds * 1000, poll);
  };
}

/** Of a stream's shard. */
export interface ShardRecord {
  readonly sequenceNumber: string;
}

const MOST_RECORDS = 50;
const RETRIES = 50;

/**
 * One shard: records in order, a failed one and everything behind it again, with growing pauses, until the tries are over.
 * @param work on one batch; it tells which records have to come again
 * @param name of the mapping and its shard
 */
export function shard<Record extends ShardRecord>(
  { clock, faults }: SourceDependencies,
  work: (batch: readonly Record[]) => Promise<readonly string[]>,
  onGivenUp: (batch: readonly Record[]) => void,
  name = 'stream',
): (record: Record) => void {
  const waiting: Record[] = [];
  let isBusy = false;
  let batches = 0;
  let tries = 0;
  let size = MOST_RECORDS;

  /** @returns how many records from the first one on are done */
  const done = async (batch: readonly Record[]): Promise<number> => {
    try {
      const failed = new Set(await work(batch));
      const first = batch.findIndex(({ sequenceNumber }) => failed.has(sequenceNumber));
      return first < 0 ? batch.length : first;
    } catch {
      // Lambda halves what it brings, so that one bad record is found.
      size = Math.max(1, Math.ceil(batch.length / 2));
      return 0;
    }
  };
  const run = async () => {
    const batch = waiting.slice(0, size);
    const count = await done(batch);
    tries = count === 0 ? tries + 1 : 0;
    const again = faults.pick(`${name}, batch ${++batches}`, 'once', { 'comes again': 0.01 });
    if (tries > RETRIES) onGivenUp(waiting.splice(0, batch.length));
    else if (again === 'once') waiting.splice(0, count);
    if (count === batch.length || tries > RETRIES) {
      tries = 0;
      size = MOST_RECORDS;
    }
    isBusy = false;
    wake();
  };
  const wake = () => {
    if (isBusy || waiting.length === 0) return;
    isBusy = true;
    const pause = tries === 0 ? 200 : Math.min(60_000, 1000 * 2 ** (tries - 1));
    clock.after(pause, () => void run());
  };
  return (record) => {
    waiting.push(record);
    wake();
  };
}
