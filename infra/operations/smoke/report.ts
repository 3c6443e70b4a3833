/** What a smoke run prints: a block for each task, then the verdict. */
import { relative } from 'node:path';
import type { Smoke } from './run-smoke.ts';
import type { SmokeResult } from './run-task.ts';

export function taskLines(result: SmokeResult): string {
  const verdict = result.problems.length === 0 ? '✓ every checksum holds' : `✗ ${result.problems.join('; ')}`;
  return [
    `${result.model} · ${result.title}`,
    `  “${result.prompt}”`,
    `  submit to event ${(result.ms / 1000).toFixed(1)} s · ${verdict}`,
    ...result.files.map((file) => `  ${relative(process.cwd(), file)}`),
    '',
  ].join('\n');
}

export function verdictLines({ results, problem, skipped, withoutCallbacks }: Smoke): string {
  if (problem) return `✗ ${problem}`;
  const failed = results.filter(({ problems }) => problems.length > 0).length;
  const images = results.reduce((sum, { files }) => sum + files.length, 0);
  return [
    `${results.length - failed} tasks passed, ${failed} failed, ${images} images verified`,
    ...(withoutCallbacks ? ['Not tried: the route by which callbacks come in (--without-callbacks)'] : []),
    ...(skipped.length > 0 ? [`Not tried, because their provider has no key: ${skipped.join(', ')}`] : []),
  ].join('\n');
}

/** Whether everything that could be tried is as it must be. */
export const hasPassed = ({ results, problem }: Smoke): boolean =>
  !problem && results.length > 0 && results.every(({ problems }) => problems.length === 0);
