/** What functions print, and what the platform logs about their invocations. */

/** One line of a function's log. */
export interface FunctionLogLine {
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly functionName: string;
  /** The invocation that printed it; undefined while the function was being loaded. */
  readonly requestId: string | undefined;
  readonly source: 'stdout' | 'stderr' | 'platform';
  readonly text: string;
}

export type LogListener = (line: FunctionLogLine) => void;

/** The text of Lambda's REPORT line. Durations in milliseconds, sizes in MB. */
export function reportText(report: {
  requestId: string;
  durationMs: number;
  memoryMb: number;
  peakBytes: number;
  initMs: number | undefined;
}): string {
  const parts = [
    `REPORT RequestId: ${report.requestId}`,
    `Duration: ${report.durationMs.toFixed(2)} ms`,
    `Billed Duration: ${Math.ceil(report.durationMs + (report.initMs ?? 0))} ms`,
    `Memory Size: ${report.memoryMb} MB`,
    `Max Memory Used: ${Math.ceil(report.peakBytes / 2 ** 20)} MB`,
  ];
  if (report.initMs !== undefined) parts.push(`Init Duration: ${report.initMs.toFixed(2)} ms`);
  return parts.join('\t');
}
