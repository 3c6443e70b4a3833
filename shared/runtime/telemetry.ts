/**
 * Log lines and counts, as JSON on standard output (Powertools; metrics in the embedded format).
 * Who calls passes only what may be read by anyone with access to the logs: never a key, a signature, a path of a
 * callback, a link or a prompt (promise 10).
 */
import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { LineFormat } from './line-format.ts';
import {
  type CountedMetric,
  dimensionsOf,
  type MeasuredMetric,
  type Measures,
  modelFor,
  type Reason,
  reasonFor,
  type Split,
  units,
} from './metrics.ts';

export type Fields = Record<string, unknown>;

export interface Telemetry {
  info(message: string, fields?: Fields): void;
  warn(message: string, fields?: Fields): void;
  error(message: string, fields?: Fields): void;
  /**
   * Adds one to a metric.
   * @param reason splits it; what is not in the metric's closed set (metrics.ts) counts as `other`
   * @param model splits it once more
   */
  count<M extends CountedMetric>(metric: M, reason?: Reason<M>, model?: string): void;
  /** Adds values to metrics, all in one line. */
  measure(measures: Measures, split?: Split): void;
}

/** The telemetry of one function, named after its folder. The metrics' namespace is in POWERTOOLS_METRICS_NAMESPACE. */
export function telemetry(functionName: string): Telemetry {
  const logger = new Logger({ serviceName: functionName, logFormatter: new LineFormat() });
  const metrics = new Metrics({ serviceName: functionName });
  return {
    info: (message, fields = {}) => logger.info(message, fields),
    warn: (message, fields = {}) => logger.warn(message, fields),
    error: (message, fields = {}) => logger.error(message, fields),
    count: (metric, reason, model) => {
      const single = metrics.singleMetric();
      if (reason) single.addDimension('reason', reasonFor(metric, reason));
      if (model) single.addDimension('model', modelFor(model));
      single.addMetric(metric, MetricUnit.Count, 1);
    },
    measure: (measures, split = {}) => {
      for (const [name, value] of Object.entries(dimensionsOf(split))) metrics.addDimension(name, value);
      for (const [name, values] of Object.entries(measures)) {
        for (const value of [values].flat()) metrics.addMetric(name, units[name as MeasuredMetric], value);
      }
      metrics.publishStoredMetrics();
    },
  };
}
