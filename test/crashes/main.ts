/**
 * `npm run crashes`: each function dies before and after each request that it makes, and the system ends right by its own means.
 * Ends with 1 when it does not.
 *
 *   each kind of task, undisturbed: which requests do its functions make? ─► for each of them, before and after: the same task
 *   again, with the function killed there ─► the outcome, the images, one create, the events, the webhook, the counters, no timer
 *
 * One task at a time: to kill a function is to kill all that it is doing.
 */
import { UsageOutputs, usageTables } from '../../infra/operations/usage/outputs.ts';
import { verifyAll, wordsOf } from '../../infra/operations/usage/verify-all.ts';
import { Progress } from '../load/progress.ts';
import { type CrashOptions, readOptions } from './options.ts';
import { type Place, startPlace } from './place.ts';
import { type CrashResult, figuresOf, hasFailed, nameOf, reportOf, type WalkedPoint } from './report.ts';
import { walk } from './walk.ts';

async function crash(
  place: Place,
  { functions, kinds }: CrashOptions,
  progress: Progress,
): Promise<CrashResult> {
  const began = performance.now();
  const points: WalkedPoint[] = [];
  // Their records were moved to another day, which the ledger does not follow.
  const givenUp = new Set<string>();
  let nth = 0;
  for (const kind of kinds) {
    const { seen, problems } = await walk(place, kind, ++nth);
    if (problems.length > 0) throw new Error(`${kind.name}, undisturbed: ${problems.join('; ')}`);
    const targets = seen
      .filter(({ fn }) => functions.includes(fn))
      .flatMap((point) => (['before', 'after'] as const).map((when) => ({ ...point, when })));
    for (const [done, target] of targets.entries()) {
      progress.say(kind.name, done, targets.length);
      const { owner, hasDied, isGivenUp, problems } = await walk(place, kind, ++nth, target);
      if (isGivenUp) givenUp.add(owner);
      const point = { ...target, kind: kind.name, hasDied, isGivenUp, problems };
      points.push(point);
      if (hasFailed(point)) progress.line(`✗ ${nameOf(point)}: ${problems.join('; ')}`);
    }
  }
  await place.deployment.cloud.idle();
  const tables = usageTables(UsageOutputs.parse(place.deployment.cloud.outputs));
  const { verification } = await verifyAll(place.dynamodb, tables, false);
  const differences = verification.differences.filter(({ owner }) => !givenUp.has(owner));
  return {
    functions: figuresOf(points),
    seconds: (performance.now() - began) / 1000,
    points,
    ledger: wordsOf({ ...verification, differences }, 0),
    isLedgerRight: differences.length === 0,
  };
}

const options = readOptions(process.argv.slice(2));
const progress = new Progress();
const place = await startPlace((line) => progress.line(line));
try {
  const result = await crash(place, options, progress);
  progress.end();
  console.log(options.json ? JSON.stringify(result, null, 2) : reportOf(result));
  const isRight = result.isLedgerRight && !result.points.some(hasFailed);
  process.exitCode = isRight ? 0 : 1;
} finally {
  await place.stop();
}
