/** Medians and ratios. A ratio is made pair by pair, so that it holds when the machine's speed drifts. */

export const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
};

export interface Comparison {
  readonly name: string;
  /** Milliseconds, medians. */
  readonly ours: number;
  readonly floor: number;
  readonly ratio: number;
  /** The smallest and the largest ratio of a pair. */
  readonly spread: readonly [number, number];
  readonly goal: number | undefined;
}

/** Measures the floor and ours in turn, after a few rounds that do not count. */
export async function compare(
  name: string,
  rounds: { readonly warmUp: number; readonly counted: number; readonly goal?: number },
  floor: () => Promise<number>,
  ours: () => Promise<number>,
): Promise<Comparison> {
  const pairs: { floor: number; ours: number }[] = [];
  for (let round = 0; round < rounds.warmUp + rounds.counted; round++) {
    const pair = { floor: await floor(), ours: await ours() };
    if (round >= rounds.warmUp) pairs.push(pair);
  }
  const ratios = pairs.map((pair) => pair.ours / pair.floor);
  return {
    name,
    ours: median(pairs.map((pair) => pair.ours)),
    floor: median(pairs.map((pair) => pair.floor)),
    ratio: median(ratios),
    spread: [Math.min(...ratios), Math.max(...ratios)],
    goal: rounds.goal,
  };
}

export async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}
