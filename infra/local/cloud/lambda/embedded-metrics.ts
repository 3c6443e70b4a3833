/** The metrics that functions print in CloudWatch's embedded metric format, summed up, and handed on to be kept by the minute. */

import * as z from 'zod';
import type { MetricId, MetricStore } from '../cloudwatch/metric-store.ts';

const document = z.looseObject({
  _aws: z.object({
    /** Milliseconds since 1970. */
    Timestamp: z.number(),
    CloudWatchMetrics: z.array(
      z.object({
        Namespace: z.string(),
        Dimensions: z.array(z.array(z.string())).default([[]]),
        Metrics: z.array(z.object({ Name: z.string() })),
      }),
    ),
  }),
});

/** A metric's sum over everything printed so far, under one set of dimensions. */
export interface MetricSum extends MetricId {
  readonly sum: number;
  readonly count: number;
}

export class EmbeddedMetrics {
  readonly #sums = new Map<string, MetricSum>();
  readonly #store: MetricStore;

  constructor(store: MetricStore) {
    this.#store = store;
  }

  /** Reads a line that a function printed; lines without metrics are skipped. */
  read(line: string): void {
    if (!line.startsWith('{') || !line.includes('"_aws"')) return;
    const parsed = document.safeParse(parseJson(line));
    if (!parsed.success) return;
    for (const directive of parsed.data._aws.CloudWatchMetrics) {
      for (const names of directive.Dimensions) {
        const dimensions = Object.fromEntries(names.map((name) => [name, String(parsed.data[name])]));
        for (const { Name } of directive.Metrics) {
          const metric = { namespace: directive.Namespace, name: Name, dimensions };
          this.#add(metric, parsed.data[Name], parsed.data._aws.Timestamp);
        }
      }
    }
  }

  all(): MetricSum[] {
    return [...this.#sums.values()];
  }

  #add(metric: MetricId, value: unknown, time: number): void {
    const values = (Array.isArray(value) ? value : [value]).map(Number).filter((one) => !Number.isNaN(one));
    for (const one of values) this.#store.record(metric, one, time);
    const key = JSON.stringify(metric);
    const known = this.#sums.get(key);
    this.#sums.set(key, {
      ...metric,
      sum: values.reduce((sum, one) => sum + one, known?.sum ?? 0),
      count: (known?.count ?? 0) + values.length,
    });
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
