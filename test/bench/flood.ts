/**
 * `npm run bench:flood`: a flood of forged callbacks on the local cloud, as deployed, and what it does to submits. Prints the
 * submits' latency with and without it, as a ratio within this run, and the requests that one forged callback costs. Ends
 * with 1 when something was written, or one of them was not counted.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { RequestCounts } from '../../infra/local/cloud/index.ts';
import { type Harness, startHarness } from '../support/harness.ts';
import { median, timed } from './statistics.ts';

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '20000' },
    'per-second': { type: 'string', default: '250' },
    json: { type: 'boolean', default: false },
  },
});
const ROUTE = 'POST /v1/callbacks/{taskId}/{signature}';
const QUIET_SUBMITS = 150;

interface Sent {
  readonly statuses: Readonly<Record<string, number>>;
  readonly seconds: number;
}

const harness = await startHarness(['--pictures=plain'], (line) => values.json || console.log(line));
try {
  const report = await flood(harness);
  console.log(values.json ? JSON.stringify(report, undefined, 2) : textOf(report));
  if (report.written.length > 0 || report.counted !== Number(values.count)) process.exitCode = 1;
} finally {
  await harness.stop();
}

type Report = Awaited<ReturnType<typeof flood>>;

async function flood({ deployment: { cloud, apiKey }, providers }: Harness) {
  // Nothing else is to happen meanwhile: the submitted tasks never end.
  await providers.evolink.addFault({ kind: 'hold' });
  const submit = async (): Promise<string> => {
    const response = await fetch(`${cloud.apiUrl}/v1/images/generations`, {
      method: 'POST',
      headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'wan2.5-text-to-image', prompt: 'beside a flood' }),
    });
    if (!response.ok) throw new Error(`A submit was answered ${response.status} ${await response.text()}`);
    return ((await response.json()) as { id: string }).id;
  };
  const times = async (isOver: (count: number) => boolean): Promise<number[]> => {
    const taken: number[] = [];
    while (!isOver(taken.length)) taken.push(await timed(submit));
    return taken;
  };
  const task = await submit();
  await times((count) => count === 20);
  const before = await times((count) => count === QUIET_SUBMITS);
  await cloud.idle();

  const callback = () => cloud.function('Callback');
  const started = { requests: cloud.requests(), invocations: callback().invocations };
  let isOver = false;
  const sending = send(cloud.apiUrl, task).finally(() => {
    isOver = true;
  });
  const during = await times(() => isOver);
  const sent = await sending;
  await cloud.idle();
  const made = cloud.requests(started.requests);
  const invocations = callback().invocations - started.invocations;
  const after = await times((count) => count === QUIET_SUBMITS);

  const refused = cloud.routes()[ROUTE]!.clientErrors;
  const forged = cloud
    .metrics()
    .filter(({ name, dimensions }) => name === 'CallbackHandled' && dimensions.reason === 'forged')
    .reduce((sum, entry) => sum + entry.sum, 0);
  const quiet = [...before, ...after];
  return {
    sent,
    forged,
    refused,
    counted: forged + refused,
    invocations,
    written: writesOf(made.byCaller[callback().name] ?? {}),
    perForged: costOf(made, callback().name, invocations, forged),
    submits: { quiet: quiet.length, during: during.length },
    median: compared(median(quiet), median(during)),
    p95: compared(quantile(quiet, 0.95), quantile(during, 0.95)),
  };
}

function compared(quiet: number, during: number) {
  return { quiet, during, ratio: during / quiet };
}

function quantile(all: readonly number[], share: number): number {
  return [...all].sort((a, b) => a - b)[Math.floor(share * (all.length - 1))]!;
}

async function send(api: string, task: string): Promise<Sent> {
  const args = [api, values.count, values['per-second'], task];
  const sender = fork(join(import.meta.dirname, 'flood-sender.ts'), args);
  const message = once(sender, 'message');
  const failed = once(sender, 'exit').then(([code]) => {
    if (code !== 0) throw new Error(`The sender ended with ${code}`);
    return message;
  });
  const [sent] = await Promise.race([message, failed]);
  return sent as Sent;
}

/** What the function asked of the table or the bucket; nothing, as a signature is checked before anything is read. */
function writesOf(requests: Readonly<Record<string, number>>): string[] {
  return Object.keys(requests).filter((kind) => /^(DynamoDB|S3|EventBridge)\./.test(kind));
}

/** Requests for each forged callback that was taken in. */
function costOf({ byCaller }: RequestCounts, callback: string, invocations: number, forged: number) {
  const queue = byCaller.EventSourceMapping ?? {};
  const per = (count = 0): number => Math.round((count / forged) * 1000) / 1000;
  return {
    'API Gateway request': 1,
    'SQS SendMessage': per(byCaller.ApiGateway?.['SQS.SendMessage']),
    'SQS ReceiveMessage': per(queue['SQS.ReceiveMessage']),
    'SQS DeleteMessageBatch': per(queue['SQS.DeleteMessageBatch']),
    'Lambda invocation': per(invocations),
    ...Object.fromEntries(
      Object.entries(byCaller[callback] ?? {}).map(([kind, count]) => [`callback: ${kind}`, per(count)]),
    ),
  };
}

function textOf(report: Report): string {
  const line = (name: string, { quiet, during, ratio }: Report['median']) =>
    `${name}: ${during.toFixed(1)} ms / ${quiet.toFixed(1)} ms = ${ratio.toFixed(2)}`;
  return [
    `\n${values.count} forged callbacks in ${report.sent.seconds.toFixed(0)} s, answered ${JSON.stringify(report.sent.statuses)}`,
    `counted: ${report.forged} as forged, ${report.refused} by the gateway`,
    `asked of table, bucket and bus: ${report.written.join(', ') || 'nothing'}`,
    `submits: ${report.submits.during} during the flood, ${report.submits.quiet} before and after it`,
    line('  median', report.median),
    line('  p95', report.p95),
    'for each one that was taken in:',
    ...Object.entries(report.perForged).map(([name, count]) => `  ${name}: ${count}`),
  ].join('\n');
}
