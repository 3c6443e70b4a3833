/**
 * Runs programs and tells what broke; docs/decisions/simulation.md says what a program is.
 *
 *   npm run simulate -- --programs 100000 --seed monday
 *   npm run simulate -- --replay monday/4711
 */
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { reportOf } from './report.ts';
import type { Progress, Share } from './worker.ts';

/** More stories of the same trouble tell nothing more. */
const MOST_REPORTS = 5;

const { values } = parseArgs({
  options: {
    programs: { type: 'string', default: '2000' },
    seed: { type: 'string', default: String(Date.now()) },
    threads: { type: 'string', default: String(Math.max(1, availableParallelism())) },
    replay: { type: 'string' },
  },
});

if (values.replay !== undefined) await replay(values.replay);
else await runAll(Number(values.programs), values.seed, Number(values.threads));

async function replay(seed: string): Promise<void> {
  const report = await reportOf(seed);
  console.log(report ?? `Seed ${seed}: every promise held`);
  process.exitCode = report ? 1 : 0;
}

async function runAll(programs: number, seed: string, threads: number): Promise<void> {
  const began = performance.now();
  console.log(`${programs} programs, seed ${seed}, ${threads} threads`);
  const shares = Array.from({ length: threads }, (_, first) => ({ seed, programs, first, step: threads }));
  const all = shares.map((): Progress => ({ done: 0, steps: 0, failed: [] }));
  const sum = (of: (progress: Progress) => number) => all.reduce((total, one) => total + of(one), 0);
  const seconds = () => Math.round((performance.now() - began) / 1000);
  const line = () =>
    `${sum(({ done }) => done)} programs, ${sum(({ steps }) => steps)} steps, ${seconds()} s`;
  const shown = setInterval(() => console.log(line()), 30_000);
  await Promise.all(
    shares.map((share, nth) =>
      work(share, (progress) => {
        all[nth] = progress;
      }),
    ),
  );
  clearInterval(shown);

  const failed = all.flatMap((progress) => progress.failed);
  console.log(`${line()}: ${failed.length} broke a promise`);
  for (const one of failed.slice(0, MOST_REPORTS)) console.log(`\n${await reportOf(one)}`);
  if (failed.length > MOST_REPORTS) console.log(`\nand: ${failed.slice(MOST_REPORTS).join(', ')}`);
  process.exitCode = failed.length > 0 ? 1 : 0;
}

function work(share: Share, onProgress: (progress: Progress) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./worker.ts', import.meta.url), { workerData: share });
    worker.on('message', onProgress);
    worker.on('error', reject);
    worker.on('exit', () => resolve());
  });
}
