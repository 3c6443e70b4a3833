/** Makes a failing run small: takes deviations out as long as it still fails in the same way. */
import type { Deviations } from './choices.ts';
import { type Result, runProgram } from './run.ts';

/** @returns the deviations without which it does not fail, in the order of the run */
export async function shrink(seed: string, failing: Result): Promise<Deviations> {
  const kind = kindOf(failing);
  const fails = async (entries: readonly (readonly [string, string])[]) =>
    kindOf(await runProgram(seed, new Map(entries))) === kind;

  let kept = [...failing.deviations];
  // Alone, they may not be enough: what only made others likely is no deviation, so the first try must fail as well.
  if (!(await fails(kept))) return failing.deviations;
  for (let size = Math.ceil(kept.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let from = 0; from < kept.length; ) {
      const without = [...kept.slice(0, from), ...kept.slice(from + size)];
      if (await fails(without)) kept = without;
      else from += size;
    }
  }
  return new Map(kept);
}

/** What was broken, whichever task it was and however long it took. */
export const kindOf = ({ violations }: Pick<Result, 'violations'>): string | undefined =>
  violations[0]?.replaceAll(/\b[ABC]\b|\btask_\w+|\b\d+\b/g, '_');
