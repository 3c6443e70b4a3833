/** Telemetry that keeps what it is told, so that a test can look for counts, and for secrets that must not be there. */
import type { Measures, Split } from '../../shared/runtime/metrics.ts';
import type { Telemetry } from '../../shared/runtime/telemetry.ts';

export interface KeptTelemetry extends Telemetry {
  /** `metric` or `metric:reason`, in order. */
  readonly counts: string[];
  /** Every line as one text, errors with their message. */
  readonly lines: string[];
  /** Each with what splits it. */
  readonly measured: [Measures, Split | undefined][];
}

export function keptTelemetry(): KeptTelemetry {
  const counts: string[] = [];
  const lines: string[] = [];
  const measured: [Measures, Split | undefined][] = [];
  const line = (message: string, fields: Record<string, unknown> = {}) => {
    const plain = Object.entries(fields).map(([name, value]) => [
      name,
      value instanceof Error ? String(value) : value,
    ]);
    lines.push(`${message} ${JSON.stringify(Object.fromEntries(plain))}`);
  };
  return {
    counts,
    lines,
    measured,
    info: line,
    warn: line,
    error: line,
    count: (metric, reason) => counts.push(reason ? `${metric}:${reason}` : metric),
    measure: (measures, split) => measured.push([measures, split]),
  };
}
