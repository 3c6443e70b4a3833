/**
 * Log lines and counts, as JSON on standard output (Powertools; metrics in the embedded format).
 * Who calls passes only what may be read by anyone with access to the logs: never a key, a signature, a path of a
 * callback, a link or a prompt (promise 10).
 */
import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';

export type Fields = Record<string, unknown>;

export interface Telemetry {
  info(message: string, fields?: Fields): void;
  warn(message: string, fields?: Fields): void;
  error(message: string, fields?: Fields): void;
  /** Adds one to a metric; `reason` splits it. */
  count(metric: string, reason?: string): void;
}

/** The telemetry of one function, named after its folder. The metrics' namespace is in POWERTOOLS_METRICS_NAMESPACE. */
export function telemetry(functionName: string): Telemetry {
  const logger = new Logger({ serviceName: functionName });
  const metrics = new Metrics({ serviceName: functionName });
  return {
    info: (message, fields = {}) => logger.info(message, fields),
    warn: (message, fields = {}) => logger.warn(message, fields),
    error: (message, fields = {}) => logger.error(message, fields),
    count: (metric, reason) => {
      const single = metrics.singleMetric();
      if (reason) single.addDimension('reason', reason);
      single.addMetric(metric, MetricUnit.Count, 1);
    },
  };
}
