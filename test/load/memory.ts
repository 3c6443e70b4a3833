/** How much memory the local cloud takes while it runs, and whether that grows. */
import { median } from '../bench/statistics.ts';

const EVERY_MS = 5000;

export interface MemoryWatch {
  /** Medians of each third of the time, in MiB. @returns nothing when it was watched too shortly for that */
  stop(): readonly [number, number, number] | undefined;
}

/** Watches this process, which is the cloud and its queues; functions, tables and providers are processes of their own. */
export function watchMemory(): MemoryWatch {
  const samples: number[] = [];
  const timer = setInterval(() => samples.push(process.memoryUsage.rss() / 2 ** 20), EVERY_MS);
  return {
    stop() {
      clearInterval(timer);
      const third = Math.floor(samples.length / 3);
      if (third < 2) return undefined;
      const part = (nth: number) => Math.round(median(samples.slice(nth * third, (nth + 1) * third)));
      return [part(0), part(1), part(2)];
    },
  };
}
