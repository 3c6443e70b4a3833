/**
 * `npm run load`: pushes tasks through the local cloud, then verifies each of them. Ends with 1 when anything is lost, fetched
 * twice or refused.
 *
 *   push ─► (complete all at once, if they were held) ─► every outcome heard ─► every record and image verified
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { S3Client } from '@aws-sdk/client-s3';
import pLimit from 'p-limit';
import { Wanhook } from '../../client/index.ts';
import { eventually } from '../support/eventually.ts';
import { type Harness, startHarness } from '../support/harness.ts';
import { hearOutcomes, type Outcomes } from './hear.ts';
import { watchMemory } from './memory.ts';
import { type LoadOptions, readOptions } from './options.ts';
import { percentilesOf } from './percentiles.ts';
import { Progress } from './progress.ts';
import { push } from './push.ts';
import { type LoadResult, reportOf } from './report.ts';
import { verify } from './verify.ts';

const COMPLETED_AT_ONCE = 100;
const LOOK_EVERY_MS = 50;
/** Longer than any message is hidden from its next try. */
const LOST_AFTER_MS = 180_000;

async function load(harness: Harness, options: LoadOptions, progress: Progress): Promise<LoadResult> {
  const { cloud, apiKey, client: credentials } = harness.deployment;
  const { evolink } = harness.providers;
  const client = new Wanhook({ baseUrl: cloud.apiUrl, apiKey });
  const s3 = new S3Client({ ...credentials, endpoint: cloud.endpoints.s3, forcePathStyle: true });
  const outcomes = hearOutcomes(cloud);
  const memory = watchMemory();
  if (options.held) await evolink.addFault({ kind: 'hold' });

  const began = performance.now();
  const pushed = await push(client, options, (answered) =>
    progress.say('submitted', answered, options.tasks),
  );
  const ids = pushed.submitted.map(({ id }) => id);
  const released = performance.now();
  await release(harness, options, progress);
  await untilHeard(outcomes, ids, progress);
  const ended = performance.now();
  await cloud.idle();
  const verified = await verify({ client, s3 }, ids, options.images, (done) =>
    progress.say('verified', done, ids.length),
  );
  const { callbacks, downloads } = await evolink.calls();
  return {
    ...verified,
    refused: [...pushed.refused].map(([message, times]) => `${message} (${times})`),
    submitMs: percentilesOf(pushed.submitted.map(({ ms }) => ms)),
    callbackToEventMs: percentilesOf(waitsOf(callbacks, outcomes.heardAt)),
    seconds: (ended - began) / 1000,
    outcomesPerSecond: ids.length / ((ended - (options.held ? released : began)) / 1000),
    callbacks: callbacks.length,
    fetchedTwice: downloads.length - new Set(downloads.map(({ taskId, index }) => `${taskId} ${index}`)).size,
    repeatedEvents: outcomes.repeated,
    memoryMebibytes: memory.stop(),
  };
}

/** Completes what the provider holds, and has it send each callback again as often as was asked for. */
async function release(
  { providers: { evolink } }: Harness,
  { held, duplicates }: LoadOptions,
  progress: Progress,
): Promise<void> {
  if (!held) return;
  const tasks = await evolink.tasks();
  const limit = pLimit(COMPLETED_AT_ONCE);
  let done = 0;
  const releaseTask = async (id: string): Promise<void> => {
    await evolink.complete(id);
    // Until its pictures are drawn it has no outcome to send.
    const sendAgain = () => evolink.replayCallback(id).catch(() => undefined);
    await Promise.all(Array.from({ length: duplicates }, () => eventually(sendAgain, `a callback of ${id}`)));
    progress.say('callbacks sent', ++done, tasks.length);
  };
  await Promise.all(tasks.map(({ id }) => limit(() => releaseTask(id))));
}

/** Until every outcome is heard, or none has come for so long that the others are lost. */
async function untilHeard({ heardAt }: Outcomes, ids: readonly string[], progress: Progress): Promise<void> {
  let before = heardAt.size;
  let changedAt = Date.now();
  while (heardAt.size < ids.length && Date.now() - changedAt < LOST_AFTER_MS) {
    await sleep(LOOK_EVERY_MS);
    if (heardAt.size !== before) changedAt = Date.now();
    before = heardAt.size;
    progress.say('outcomes heard', before, ids.length);
  }
}

/** From the first callback of a task that was taken to the event of its outcome. */
function waitsOf(
  callbacks: Awaited<ReturnType<Harness['providers']['evolink']['calls']>>['callbacks'],
  heardAt: ReadonlyMap<string, number>,
): number[] {
  const calledAt = new Map<string, number>();
  for (const { url, at, status } of callbacks) {
    const id = /\/v1\/callbacks\/([^/]+)/.exec(url)?.[1] ?? '';
    if (status === 200 && !calledAt.has(id)) calledAt.set(id, at);
  }
  return [...calledAt].flatMap(([id, at]) => (heardAt.has(id) ? [heardAt.get(id)! - at] : []));
}

const options = readOptions(process.argv.slice(2));
const progress = new Progress();
const harness = await startHarness(['--pictures=plain', '--delay-ms=500'], (line) => progress.line(line));
try {
  const result = await load(harness, options, progress);
  progress.end();
  console.log(options.json ? JSON.stringify(result, null, 2) : reportOf(options, result));
  const isWhole =
    result.completed === options.tasks && result.fetchedTwice === 0 && result.refused.length === 0;
  process.exitCode = isWhole ? 0 : 1;
} finally {
  await harness.stop();
}
