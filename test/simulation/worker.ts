/** Runs every n-th program of a seed in a thread of its own. */
import { parentPort, workerData } from 'node:worker_threads';
import { runProgram } from './run.ts';

/** What the thread is given. */
export interface Share {
  readonly seed: string;
  readonly programs: number;
  readonly first: number;
  readonly step: number;
}

/** What it says: how many are done, and which failed. */
export interface Progress {
  readonly done: number;
  readonly steps: number;
  readonly failed: readonly string[];
}

const REPORT_EVERY = 100;

const { seed, programs, first, step } = workerData as Share;
let progress: Progress = { done: 0, steps: 0, failed: [] };
for (let nth = first; nth < programs; nth += step) {
  const { violations, steps } = await runProgram(`${seed}/${nth}`);
  progress = {
    done: progress.done + 1,
    steps: progress.steps + steps,
    failed: violations.length > 0 ? [...progress.failed, `${seed}/${nth}`] : progress.failed,
  };
  if (progress.done % REPORT_EVERY === 0) parentPort?.postMessage(progress);
}
parentPort?.postMessage(progress);
