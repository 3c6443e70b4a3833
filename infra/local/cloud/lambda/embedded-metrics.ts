/** The metrics that functions print in CloudWatch's embedded metric format, summed up. */

import * as z from 'zod';

const document = z.looseObject({
  _aws: z.object({
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
export interface MetricSum {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly sum: number;
  readonly count: number;
}

export class EmbeddedMetrics {
  readonly #sums = new Map<string, MetricSum>();

  /** Reads a line that a function printed; lines without metrics are skipped. */
  read(line: string): void {
    if (!line.startsWith('{') || !line.includes('"_aws"')) return;
    const parsed = document.safeParse(parseJson(line));
    if (!parsed.success) return;
    for (const directive of parsed.data._aws.CloudWatchMetrics) {
      for (const names of directive.Dimensions) {
        const dimensions = Object.fromEntries(names.map((name) => [name, String(parsed.data[name])]));
        for (const { Name } of directive.Metrics)
          this.#add(directive.Namespace, Name, dimensions, parsed.data[Name]);
      }
    }
  }

  all(): MetricSum[] {
    return [...this.#sums.values()];
  }

  #add(namespace: string, name: string, dimensions: Record<string, string>, value: unknown): void {
    const values = (Array.isArray(value) ? value : [value]).map(Number).filter((one) => !Number.isNaN(one));
    const key = JSON.stringify([namespace, name, dimensions]);
    const known = this.#sums.get(key);
    this.#sums.set(key, {
      namespace,
      name,
      dimensions,
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
