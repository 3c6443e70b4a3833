/** The metrics of services and functions, minute by minute. */

export interface MetricId {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
}

/** What was measured within a span of time. */
export interface Datapoint {
  /** When the span begins, in milliseconds since 1970. */
  readonly at: number;
  readonly sum: number;
  readonly count: number;
  readonly minimum: number;
  readonly maximum: number;
}

export const MINUTE_MS = 60_000;
/** CloudWatch keeps minutes for 15 days; nobody asks a local cloud for more than the day. */
const KEPT_MS = 26 * 60 * MINUTE_MS;

export class MetricStore {
  /** Oldest first. */
  readonly #series = new Map<string, Datapoint[]>();

  record(metric: MetricId, value: number, time = Date.now()): void {
    const key = keyOf(metric);
    const series = this.#series.get(key) ?? [];
    this.#series.set(key, series);
    const at = Math.floor(time / MINUTE_MS) * MINUTE_MS;
    const index = series.findLastIndex((point) => point.at <= at);
    const one = { at, sum: value, count: 1, minimum: value, maximum: value };
    const known = series[index];
    if (known?.at === at) series[index] = merged(known, one);
    else series.splice(index + 1, 0, one);
    const oldest = at - KEPT_MS;
    while (series[0] && series[0].at < oldest) series.shift();
  }

  /**
   * The datapoints of spans of `periodMs`, of which the first begins at `from`; only those in which something was measured.
   * @param from a full minute, in milliseconds since 1970, like `to`, which is not part of it
   */
  datapoints(metric: MetricId, from: number, to: number, periodMs: number): Datapoint[] {
    const spans = new Map<number, Datapoint>();
    for (const point of this.#series.get(keyOf(metric)) ?? []) {
      if (point.at < from || point.at >= to) continue;
      const at = from + Math.floor((point.at - from) / periodMs) * periodMs;
      const known = spans.get(at);
      spans.set(at, known ? merged(known, point) : { ...point, at });
    }
    return [...spans.values()];
  }
}

function merged(one: Datapoint, other: Datapoint): Datapoint {
  return {
    at: one.at,
    sum: one.sum + other.sum,
    count: one.count + other.count,
    minimum: Math.min(one.minimum, other.minimum),
    maximum: Math.max(one.maximum, other.maximum),
  };
}

function keyOf({ namespace, name, dimensions }: MetricId): string {
  const sorted = Object.entries(dimensions).sort(([one], [other]) => (one < other ? -1 : 1));
  return JSON.stringify([namespace, name, sorted]);
}
