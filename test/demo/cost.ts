/** What a task costs in AWS requests. */
import type { RequestCounts } from '../../infra/local/cloud/index.ts';
import type { SmokeResult } from '../../infra/operations/smoke/run-task.ts';

/** Requests that Wanhook and the services under it made, by kind; those from outside are not a task's cost. */
export function costOf({ byCaller }: RequestCounts): Record<string, number> {
  const { outside: _, ...inside } = byCaller;
  const sums: Record<string, number> = {};
  for (const [kind, count] of Object.values(inside).flatMap((kinds) => Object.entries(kinds))) {
    sums[kind] = (sums[kind] ?? 0) + count;
  }
  return sums;
}

/** @param counts requests by kind, over all tasks */
export function costLines(counts: Readonly<Record<string, number>>, results: readonly SmokeResult[]): string {
  const tasks = results.length;
  const images = results.reduce((sum, { files }) => sum + files.length, 0);
  const rows = Object.entries(counts).sort(([a], [b]) => (a < b ? -1 : 1));
  const width = Math.max(...rows.map(([kind]) => kind.length));
  return [
    `AWS requests that one task cost (mean of ${tasks} tasks with ${(images / tasks).toFixed(1)} images each):`,
    ...rows.map(([kind, count]) => `  ${kind.padEnd(width)}  ${(count / tasks).toFixed(2).padStart(7)}`),
  ].join('\n');
}
