/** Runs one program from beginning to end. */
import type { Deviations } from './choices.ts';
import { schedule } from './program.ts';
import { hasSecret } from './secrets.ts';
import { newRun, type Simulation, START, simulate } from './simulation.ts';

export interface Result {
  /** What was broken; empty when everything held. */
  readonly violations: readonly string[];
  readonly deviations: Deviations;
  readonly story: readonly string[];
  readonly steps: number;
}

/** By then nothing may be pending any more. */
const END = START + 27 * 3_600_000;
/** No program needs so many; one that does goes round in a circle. */
const MOST_STEPS = 40_000;

/**
 * @param replayed only these deviations happen, instead of what the seed draws
 * @param isTold whether a story is kept
 */
export async function runProgram(seed: string, replayed?: Deviations, isTold = false): Promise<Result> {
  const simulation = simulate(newRun(seed, replayed, isTold));
  const { clock, oracle, choices, story } = simulation;
  schedule(simulation);
  let steps = 0;
  while (clock.now < END && steps < MOST_STEPS && (await clock.step())) {
    steps += 1;
    if (oracle.violations.length > 0) break;
  }
  if (oracle.violations.length === 0) judgeEnd(simulation);
  const violations = steps < MOST_STEPS ? oracle.violations : [`it was not over after ${MOST_STEPS} steps`];
  return { violations, deviations: choices.deviations, story: story.lines, steps };
}

function judgeEnd({ oracle, records, queues, stream, ledger, telemetry }: Simulation): void {
  const setAside = queues.get('unpublished')!.messages.map(({ body }) => JSON.parse(body).task as string);
  oracle.end(records(), new Set([...stream.givenUp, ...setAside]), ledger.givenUp);
  if (hasSecret(telemetry.lines.join('\n'))) oracle.secretLeaks('the log');
}
