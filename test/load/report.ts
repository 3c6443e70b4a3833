/** The figures of a load, for people. */
import type { LoadOptions } from './options.ts';
import type { Percentiles } from './percentiles.ts';
import type { Verified } from './verify.ts';

export interface LoadResult extends Verified {
  readonly refused: readonly string[];
  readonly submitMs: Percentiles;
  /** From the first callback that was taken to the event on the bus. */
  readonly callbackToEventMs: Percentiles;
  readonly seconds: number;
  readonly outcomesPerSecond: number;
  /** Attempts of the provider. */
  readonly callbacks: number;
  readonly fetchedTwice: number;
  readonly repeatedEvents: number;
  /** Medians of the three thirds of the time. */
  readonly memoryMebibytes: readonly number[] | undefined;
}

const MOST_NAMED = 20;

export function reportOf({ tasks, rate, held, duplicates }: LoadOptions, result: LoadResult): string {
  const { problems, refused, memoryMebibytes } = result;
  const lines = [
    `${tasks} tasks, ${rate} a second${held ? ', completed all at once' : ''}${duplicates ? `, each callback sent ${duplicates + 1} times` : ''}`,
    `  submit             ${waits(result.submitMs)}`,
    `  callback to event  ${waits(result.callbackToEventMs)}`,
    `  in all             ${result.seconds.toFixed(0)} s, ${result.outcomesPerSecond.toFixed(1)} outcomes a second, ${result.callbacks} callbacks`,
    ...(memoryMebibytes
      ? [`  local cloud        ${memoryMebibytes.join(' → ')} MiB (first, second, last third)`]
      : []),
    `  verified           ${result.completed} tasks, ${result.images} images`,
    `  lost ${tasks - result.completed} · images fetched twice ${result.fetchedTwice} · events that came again ${result.repeatedEvents}`,
    ...[...refused, ...problems].slice(0, MOST_NAMED).map((problem) => `  ✗ ${problem}`),
  ];
  return lines.join('\n');
}

const waits = ({ p50, p95, p99, most }: Percentiles): string =>
  `p50 ${p50.toFixed(0)} ms · p95 ${p95.toFixed(0)} ms · p99 ${p99.toFixed(0)} ms · at most ${most.toFixed(0)} ms`;
