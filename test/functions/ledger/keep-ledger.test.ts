/** Each change is added once, whatever happens between the stream, the function and the table. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Change, type Chunk, chunksOf, sortable } from '../../../functions/ledger/chunks.ts';
import { keepLedger, type LedgerStore } from '../../../functions/ledger/keep-ledger.ts';
import { type LedgerRow, LedgerSums, rowsOf } from '../../../shared/usage/ledger-rows.ts';
import { type LifeState, life } from './lives.ts';

const NAMES = ['team'];

/** A table in which a commit may fail, or be written without an answer. */
class MemoryStore implements LedgerStore {
  readonly sums = new LedgerSums();
  readonly #checkpoints = new Map<string, string>();
  readonly #faults: Iterator<string>;

  constructor(faults: readonly string[] = []) {
    this.#faults = faults[Symbol.iterator]();
  }

  async checkpoint(shardId: string): Promise<string | undefined> {
    await this.#request();
    return this.#checkpoints.get(shardId);
  }

  async commit(shardId: string, from: string | undefined, { rows, sequence }: Chunk): Promise<boolean> {
    const lost = await this.#request();
    if (this.#checkpoints.get(shardId) !== from) return false;
    this.#checkpoints.set(shardId, sequence);
    this.sums.add(rows);
    if (lost) throw new Error('no answer');
    return true;
  }

  async #request(): Promise<boolean> {
    const fault = this.#faults.next().value ?? 'fine';
    // Others come in between.
    if (fault === 'slow') for (let turn = 0; turn < 7; turn++) await undefined;
    await undefined;
    if (fault === 'fails') throw new Error('not written');
    return fault === 'lost answer';
  }
}

/** The changes of each shard: a task's come in their order, between those of others. */
function shardsOf(lives: readonly (readonly LifeState[])[], order: readonly number[]): Change[][] {
  const shards: Change[][] = [[], []];
  const places = lives.map(() => 0);
  let sequence = 99;
  for (const draw of [...order, ...lives.flatMap((states, nth) => states.map(() => nth))]) {
    const nth = draw % lives.length;
    const [before, after] = [lives[nth]![places[nth]! - 1], lives[nth]![places[nth]!]];
    if (!after) continue;
    places[nth]! += 1;
    shards[nth % 2]!.push({ sequence: sortable(String(++sequence)), before, after });
  }
  return shards;
}

/** What Lambda does with one shard, until nothing is left: batches, the same again, and one that is still at work. */
async function deliver(
  store: LedgerStore,
  shardId: string,
  changes: readonly Change[],
  plan: Iterator<{ readonly size: number; readonly ending: string }>,
): Promise<void> {
  const left: Promise<unknown>[] = [];
  for (let place = 0; place < changes.length; ) {
    const { size, ending } = plan.next().value ?? { size: 3, ending: 'goes on' };
    const batch = changes.slice(place, place + size);
    const work = keepLedger(store, shardId, batch, NAMES);
    if (ending === 'is believed dead') {
      left.push(work.catch(() => undefined));
      continue;
    }
    const isDone = await work.then(
      () => true,
      () => false,
    );
    if (isDone && ending !== 'comes again') place += batch.length;
  }
  await Promise.all(left);
}

const key = ({ owner, entry }: LedgerRow) => `${owner} ${entry}`;
const sorted = (sums: LedgerSums) =>
  Object.fromEntries(
    sums
      .rows()
      .map((row) => [key(row), row.counters] as const)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );

const plans = fc.array(
  fc.record({
    size: fc.integer({ min: 1, max: 9 }),
    ending: fc.constantFrom('goes on', 'goes on', 'comes again', 'is believed dead'),
  }),
  { maxLength: 20 },
);
const faults = fc.array(fc.constantFrom('fine', 'fine', 'slow', 'fails', 'lost answer'), { maxLength: 40 });

test('whatever comes again, in whatever batches, with answers lost: the ledger is the sum over the tasks', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(life, { minLength: 1, maxLength: 12 }),
      fc.array(fc.nat({ max: 100 }), { maxLength: 60 }),
      plans,
      faults,
      async (lives, order, plan, given) => {
        const store = new MemoryStore(given);
        const steps = plan[Symbol.iterator]();
        await Promise.all(
          shardsOf(lives, order).map((changes, nth) => deliver(store, `shard-${nth}`, changes, steps)),
        );

        const expected = new LedgerSums();
        for (const states of lives) expected.add(rowsOf(states.at(-1)!, NAMES));
        expect(sorted(store.sums)).toEqual(sorted(expected));
      },
    ),
    { numRuns: 500 },
  );
});

test('a chunk holds no more rows than a transaction takes, and the chunks add up to the batch', () => {
  fc.assert(
    fc.property(fc.array(life, { maxLength: 12 }), fc.integer({ min: 4, max: 9 }), (lives, mostRows) => {
      const changes = shardsOf(lives.length > 0 ? lives : [[]], [])
        .flat()
        .sort((a, b) => (a.sequence < b.sequence ? -1 : 1));
      const chunks = chunksOf(changes, NAMES, mostRows);

      const [parts, whole] = [new LedgerSums(), new LedgerSums()];
      for (const { rows } of chunks) parts.add(rows);
      for (const states of lives) whole.add(states.length > 0 ? rowsOf(states.at(-1)!, NAMES) : []);
      expect(sorted(parts)).toEqual(sorted(whole));
      expect(chunks.every(({ rows }) => rows.length <= mostRows)).toBe(true);
      expect(chunks.at(-1)?.sequence).toBe(changes.at(-1)?.sequence);
      expect(chunks.map(({ sequence }) => sequence)).toEqual(
        [...new Set(chunks.map(({ sequence }) => sequence))].sort(),
      );
    }),
  );
});

test('a checkpoint that others move again and again is a fault, and adds nothing', async () => {
  const store: LedgerStore = { checkpoint: async () => undefined, commit: async () => false };
  const after = { ...fc.sample(life, { numRuns: 1, seed: 1 })[0]![0]! };

  await expect(
    keepLedger(store, 'shard-1', [{ sequence: sortable('7'), before: undefined, after }], NAMES),
  ).rejects.toThrow('The checkpoint of shard-1 was moved by others again and again');
});
