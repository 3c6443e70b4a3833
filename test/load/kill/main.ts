/**
 * `npm run load:kill`: the whole local cloud is killed at random moments while tasks run, and started again. Every task that can
 * still be known of completes, none is created twice. Ends with 1 otherwise.
 *
 *   npm run load:kill -- [--tasks 200] [--rate 10] [--kills 6] [--seed S] [--json]
 *
 * A callback is overdue after five seconds instead of 15 minutes, and the provider goes on trying for seven, as it is documented to.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { DynamoDBClient, paginateScan } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { Wanhook } from '../../../client/index.ts';
import { prepareAssembly } from '../../../infra/local/assembly/prepare.ts';
import { localSettings } from '../../../infra/local/deploy.ts';
import { startStandIn } from '../../../infra/local/start-providers.ts';
import { newKey } from '../../../infra/operations/api-keys.ts';
import { forEachProvider } from '../../../shared/providers/definitions.ts';
import type { TaskRecord } from '../../../shared/task/record.ts';
import { freePort } from '../../support/free-port.ts';
import { randomFrom } from '../../support/random.ts';
import { StandInClient } from '../../support/stand-in-client.ts';
import { Progress } from '../progress.ts';
import { verify } from '../verify.ts';
import { type CloudPlace, KillableCloud } from './killable-cloud.ts';
import { type KilledResult, killedResult, killReport, outcomeEvents } from './report.ts';
import { submitAll, untilEnded } from './tasks.ts';

const PROVIDER_KEY = 'kill-key';
const OVERDUE_SECONDS = 5;
const LONGEST_DOWN_MS = 3000;

const { values } = parseArgs({
  options: {
    tasks: { type: 'string', default: '200' },
    rate: { type: 'string', default: '10' },
    kills: { type: 'string', default: '6' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    json: { type: 'boolean', default: false },
  },
});
const numbers = { tasks: Number(values.tasks), rate: Number(values.rate), kills: Number(values.kills) };
if (Object.values(numbers).some((number) => !Number.isInteger(number) || number < 1)) {
  console.error('--tasks, --rate and --kills must be positive integers');
  process.exit(2);
}

const progress = new Progress();
const directory = await mkdtemp(join(tmpdir(), 'wanhook-kill-'));
const standIn = await startStandIn(['--quiet', '--pictures=plain', '--delay-ms=1500']);
const assembly = await prepareAssembly({
  settings: { ...localSettings, overdueSeconds: OVERDUE_SECONDS, firstReadSeconds: 1 },
  providerBaseUrls: standIn.providers,
  progress: (line) => progress.line(line),
});
const eventsFile = join(directory, 'events.jsonl');
const apiKey = newKey();
const cloud = new KillableCloud({
  assembly: assembly.directory,
  port: await freePort(),
  stateDir: join(directory, 'state'),
  eventsFile,
  apiKey,
  providerKeys: forEachProvider(() => PROVIDER_KEY),
});
try {
  const result = await run();
  progress.end();
  console.log(values.json ? JSON.stringify(result, null, 2) : killReport(result));
  process.exitCode = result.problems.length === 0 ? 0 : 1;
} finally {
  await cloud.kill();
  await standIn.stop();
  await assembly.remove();
  await rm(directory, { recursive: true, force: true });
}

async function run(): Promise<KilledResult> {
  let place = await cloud.start();
  const client = new Wanhook({ baseUrl: place.apiUrl, apiKey });
  const submitting = submitAll(client, numbers, (answered) =>
    progress.say('submitted', answered, numbers.tasks),
  );
  const killing = killRepeatedly((started) => {
    place = started;
  });
  const [ids, kills] = await Promise.all([submitting, killing]);
  const tasks = await untilEnded(client, ids, (ended) => progress.say('ended', ended, ids.length));
  const s3 = new S3Client({
    region: place.region,
    credentials: place.credentials,
    endpoint: place.s3,
    forcePathStyle: true,
  });
  const completed = tasks.filter(({ status }) => status === 'completed').map(({ id }) => id);
  return killedResult({
    seed: values.seed,
    kills,
    tasks,
    records: await recordsOf(place),
    verified: await verify({ client, s3 }, completed, 1, () => undefined),
    providers: await Promise.all(
      Object.values(standIn.providers).map((base) => seenBy(new StandInClient(base, PROVIDER_KEY))),
    ),
    events: outcomeEvents(await readFile(eventsFile, 'utf8')),
  });
}

async function seenBy(provider: StandInClient) {
  return { tasks: await provider.tasks(), callbacks: (await provider.calls()).callbacks };
}

async function recordsOf(place: CloudPlace): Promise<readonly TaskRecord[]> {
  const { region, credentials, dynamodb, tasksTable } = place;
  const client = new DynamoDBClient({ region, credentials, endpoint: dynamodb });
  const records: TaskRecord[] = [];
  for await (const { Items = [] } of paginateScan({ client }, { TableName: tasksTable })) {
    records.push(...Items.map((item) => unmarshall(item) as TaskRecord));
  }
  return records;
}

/** Spread over the time of the submits and a while beyond. @returns at which second after the start each came */
async function killRepeatedly(onStart: (place: CloudPlace) => void): Promise<readonly number[]> {
  const random = randomFrom(Number.parseInt(values.seed, 10));
  const span = (numbers.tasks / numbers.rate + OVERDUE_SECONDS) * 1000;
  const began = Date.now();
  const kills: number[] = [];
  for (let nth = 0; nth < numbers.kills; nth++) {
    await sleep((span / numbers.kills) * (0.5 + random()));
    await cloud.kill();
    kills.push((Date.now() - began) / 1000);
    progress.line(`killed for the ${nth + 1}. time`);
    await sleep(random() * LONGEST_DOWN_MS);
    onStart(await cloud.start());
  }
  return kills;
}
