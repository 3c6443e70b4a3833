/** A failing run, as a person reads it. */
import { runProgram } from './run.ts';
import { shrink } from './shrink.ts';

/** Shrinks the run of this seed and tells it. @returns nothing when it does not fail */
export async function reportOf(seed: string): Promise<string | undefined> {
  const failing = await runProgram(seed);
  if (failing.violations.length === 0) return undefined;
  const deviations = await shrink(seed, failing);
  const { violations, story } = await runProgram(seed, deviations, true);
  return [
    `Seed ${seed} broke a promise:`,
    ...violations.map((violation) => `  ${violation}`),
    '',
    `What was not as usual, after ${failing.deviations.size - deviations.size} of ${failing.deviations.size} deviations were taken out:`,
    ...[...deviations].map(([name, value]) => `  ${name}: ${value}`),
    '',
    'What happened:',
    ...story.map((line) => `  ${line.slice(0, 160)}`),
    '',
    `Again: npm run simulate -- --replay ${seed}`,
  ].join('\n');
}
