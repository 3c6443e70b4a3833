/** Measures the memory of the sandboxes' processes ten times per second. */

import { readFileSync } from 'node:fs';

const INTERVAL_MS = 100;
/** Linux counts resident memory in pages; x86-64 and arm64 machines use this size. */
const PAGE_BYTES = 4096;

const watched = new Map<number, (bytes: number) => void>();
let timer: NodeJS.Timeout | undefined;

/**
 * Reports the resident memory of a process, in bytes, until the answered function is called.
 * Where there is no /proc nothing is reported; what a process reports of itself after each event still counts.
 */
export function watchMemory(pid: number | undefined, report: (bytes: number) => void): () => void {
  if (pid === undefined || process.platform !== 'linux') return () => undefined;
  watched.set(pid, report);
  timer ??= setInterval(measure, INTERVAL_MS).unref();
  return () => {
    watched.delete(pid);
    if (watched.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

function measure(): void {
  for (const [pid, report] of watched) {
    const bytes = residentBytes(pid);
    if (bytes !== undefined) report(bytes);
  }
}

function residentBytes(pid: number): number | undefined {
  try {
    return Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]) * PAGE_BYTES;
  } catch {
    return undefined;
  }
}
