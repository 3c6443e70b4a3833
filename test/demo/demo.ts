/**
 * `npm run demo`: boots everything fresh, runs one request for every documented model, waits for the events, fetches
 * and verifies the images. Exit status 0 only if every image is what its record and its event say.
 */
import { rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { type Harness, startHarness } from '../support/harness.ts';
import { costLines, taskLines } from './report.ts';
import { type DemoRequest, first, second } from './requests.ts';
import { type DemoResult, runTask } from './run-task.ts';

const PICTURES = resolve('.local/demo');
const { values } = parseArgs({ options: { json: { type: 'boolean', default: false } } });
const say = (text: string): void => {
  if (!values.json) console.log(text);
};

async function runAll(harness: Harness, requests: readonly DemoRequest[]): Promise<DemoResult[]> {
  return Promise.all(
    requests.map(async (request) => {
      const result = await runTask(harness, request, PICTURES);
      say(taskLines(result));
      return result;
    }),
  );
}

/** Requests that Wanhook and the services under it made; our own looks from outside are not a task's cost. */
function costOf({ deployment: { cloud } }: Harness): Record<string, number> {
  const { outside: _, ...inside } = cloud.requests().byCaller;
  const sums: Record<string, number> = {};
  for (const [kind, count] of Object.values(inside).flatMap((kinds) => Object.entries(kinds))) {
    sums[kind] = (sums[kind] ?? 0) + count;
  }
  return sums;
}

await rm(PICTURES, { recursive: true, force: true });
const harness = await startHarness([], say);
try {
  say(
    `Wanhook answers at ${harness.deployment.cloud.apiUrl}; Vtrix is read, not heard: its tasks take some 10 s more.\n`,
  );
  const pictures = await runAll(harness, first);
  const edits = await runAll(harness, second(pictures[0]?.results ?? []));
  const results = [...pictures, ...edits];
  const images = results.reduce((sum, { files }) => sum + files.length, 0);
  const failed = results.filter(({ problems }) => problems.length > 0).length;
  const cost = costOf(harness);
  say(costLines(cost, results.length, images));
  say(
    `\n${results.length - failed} tasks passed, ${failed} failed, ${images} images verified in .local/demo/`,
  );
  if (values.json) console.log(JSON.stringify({ results, cost }, null, 2));
  process.exitCode = failed === 0 ? 0 : 1;
} finally {
  await harness.stop();
}
