/** Queries of metrics, as GetMetricData and alarms have them: a metric's statistic, or a sum over some of those. */
import * as z from 'zod';
import { type Datapoint, type MetricId, type MetricStore, MINUTE_MS } from './metric-store.ts';

const statistics = ['Average', 'Maximum', 'Minimum', 'SampleCount', 'Sum'] as const;
export const statistic = z.enum(statistics, {
  error: `must be one of ${statistics.join(', ')}: the local cloud knows no percentiles`,
});
type Statistic = z.output<typeof statistic>;

export const dimensions = z
  .array(z.strictObject({ Name: z.string(), Value: z.string() }))
  .max(30)
  .default([]);

/** Seconds; what is shorter is for metrics of high resolution, of which there are none here. */
export const period = z.int().min(60).multipleOf(60, { error: 'must be a multiple of 60' });

const METRIC_IN_SUM = /^FILL\(([a-z]\w*),\s*0\)$/;
const expression = z
  .string()
  .refine(
    (text) => summed(text) !== undefined,
    'must be like SUM([FILL(m0, 0), …]): the local cloud knows no other',
  );

interface QueryBase {
  readonly Id: string;
  readonly Label?: string | undefined;
  readonly ReturnData: boolean;
}

export type MetricQuery =
  | (QueryBase & { readonly MetricStat: z.output<typeof metricStat> })
  | (QueryBase & { readonly Expression: string });

const metricStat = z.strictObject({
  Metric: z.strictObject({ Namespace: z.string(), MetricName: z.string(), Dimensions: dimensions }),
  Period: period,
  Stat: statistic,
});

export const metricQuery = z
  .strictObject({
    Id: z.string().regex(/^[a-z]\w*$/, 'must begin with a lowercase letter'),
    MetricStat: metricStat.optional(),
    Expression: expression.optional(),
    Label: z.string().optional(),
    ReturnData: z.boolean().default(true),
  })
  .transform(({ MetricStat, Expression, ...query }, context): MetricQuery => {
    if (MetricStat && Expression === undefined) return { ...query, MetricStat };
    if (!MetricStat && Expression !== undefined) return { ...query, Expression };
    context.addIssue('must have a MetricStat or an Expression, and not both');
    return z.NEVER;
  });

/** A value at the beginning of each span in which there is one. */
export interface Value {
  readonly at: number;
  readonly value: number;
}

/** A span of time in full minutes, in milliseconds since 1970; `to` is not part of it. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/**
 * Evaluates one of these queries, oldest value first.
 * @throws Error when an expression is about a query that is not there
 */
export function evaluate(
  store: MetricStore,
  query: MetricQuery,
  all: readonly MetricQuery[],
  span: Span,
): Value[] {
  if ('MetricStat' in query) {
    const { Metric, Period, Stat } = query.MetricStat;
    return valuesOf(
      store,
      metricOf(Metric.Namespace, Metric.MetricName, Metric.Dimensions),
      Period,
      Stat,
      span,
    );
  }
  const parts = (summed(query.Expression) ?? []).map((id) => {
    const part = all.find((one) => one.Id === id);
    if (part && 'MetricStat' in part) return part;
    throw new Error(`the expression ${query.Id} is about ${id}, which is no metric of this request`);
  });
  const values = parts.map((part) => evaluate(store, part, all, span));
  // Where there is no datapoint at all, there is nothing to fill.
  if (values.every((one) => one.length === 0)) return [];
  const periodMs = (parts[0]?.MetricStat.Period ?? 60) * 1000;
  const spans = Array.from(
    { length: Math.ceil((span.to - span.from) / periodMs) },
    (_, nth) => span.from + nth * periodMs,
  );
  return spans.map((at) => ({
    at,
    value: values.flat().reduce((sum, one) => sum + (one.at === at ? one.value : 0), 0),
  }));
}

/** Seconds. */
export function periodOf(query: MetricQuery, all: readonly MetricQuery[]): number {
  if ('MetricStat' in query) return query.MetricStat.Period;
  const part = all.find((one) => one.Id === summed(query.Expression)?.[0]);
  return part && 'MetricStat' in part ? part.MetricStat.Period : 60;
}

export function valuesOf(
  store: MetricStore,
  metric: MetricId,
  periodSeconds: number,
  stat: Statistic,
  { from, to }: Span,
): Value[] {
  const points = store.datapoints(metric, from, to, periodSeconds * 1000);
  return points.map((point) => ({ at: point.at, value: OF_DATAPOINT[stat](point) }));
}

const OF_DATAPOINT: Readonly<Record<Statistic, (point: Datapoint) => number>> = {
  Average: ({ sum, count }) => sum / count,
  Maximum: ({ maximum }) => maximum,
  Minimum: ({ minimum }) => minimum,
  SampleCount: ({ count }) => count,
  Sum: ({ sum }) => sum,
};

export const metricOf = (namespace: string, name: string, given: z.output<typeof dimensions>): MetricId => ({
  namespace,
  name,
  dimensions: Object.fromEntries(given.map(({ Name, Value }) => [Name, Value])),
});

export const fullMinute = (time: number): number => Math.floor(time / MINUTE_MS) * MINUTE_MS;

/** The ids in an expression that sums metrics; nothing for any other expression. */
function summed(text: string): string[] | undefined {
  const inside = /^SUM\(\[(.+)\]\)$/.exec(text)?.[1];
  const ids = inside?.split(/,\s*(?=FILL)/).map((part) => METRIC_IN_SUM.exec(part)?.[1]);
  return ids?.every((id) => id !== undefined) ? (ids as string[]) : undefined;
}
