/** What the demo prints: a block for each task, then what a task costs in AWS requests. */
import { relative } from 'node:path';
import type { DemoResult } from './run-task.ts';

export function taskLines(result: DemoResult): string {
  const verdict = result.problems.length === 0 ? '✓ every checksum holds' : `✗ ${result.problems.join('; ')}`;
  return [
    `${result.model} · ${result.title}`,
    `  “${result.prompt}”`,
    `  provider ${seconds(result.providerMs)} · callback to event ${Math.round(result.oursMs)} ms · ${verdict}`,
    ...result.files.map((file) => `  ${relative(process.cwd(), file)}`),
    '',
  ].join('\n');
}

/** @param counts requests by kind, over all tasks */
export function costLines(counts: Readonly<Record<string, number>>, tasks: number, images: number): string {
  const rows = Object.entries(counts).sort(([a], [b]) => (a < b ? -1 : 1));
  const width = Math.max(...rows.map(([kind]) => kind.length));
  return [
    `AWS requests that one task cost (mean of ${tasks} tasks with ${(images / tasks).toFixed(1)} images each):`,
    ...rows.map(([kind, count]) => `  ${kind.padEnd(width)}  ${(count / tasks).toFixed(2).padStart(7)}`),
  ].join('\n');
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;
