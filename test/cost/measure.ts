/** Measures every case: on a local cloud of its own, one task at a time, with instances that are warm. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { prepareAssembly } from '../../infra/local/assembly/prepare.ts';
import type { LocalCloud } from '../../infra/local/cloud/index.ts';
import { deployLocally, type LocalDeployment, localSettings, output } from '../../infra/local/deploy.ts';
import { startStandIn } from '../../infra/local/start-providers.ts';
import { newKey } from '../../infra/operations/api-keys.ts';
import { putBudget } from '../../infra/operations/keys/budgets.ts';
import { createKey } from '../../infra/operations/keys/create-key.ts';
import { forEachProvider } from '../../shared/providers/definitions.ts';
import { freshTaskId } from '../../shared/task/ids.ts';
import { serve } from '../support/server.ts';
import { StandInClient } from '../support/stand-in-client.ts';
import { templateOf } from '../support/template.ts';
import { type Case, cases } from './cases.ts';
import { LEDGER, startMeter, type Used } from './meter.ts';
import { processorTimes } from './processor-time.ts';
import { ringTimers, runTask, type Target } from './run-case.ts';

/** How long a function works, and how much of it is waiting, follows from these. */
export interface FunctionUse {
  readonly memoryMb: number;
  /** For one task. */
  readonly invocations: number;
  /** Milliseconds of one processor of the machine that measured, for one task. */
  readonly processorMs: number;
  /** Requests to AWS for one task, by kind. */
  readonly requests: Used;
}

export interface Measured {
  readonly name: string;
  readonly provider: string;
  readonly images: number;
  /** For one task, alone. */
  readonly used: Used;
  /** By function. */
  readonly functions: Readonly<Record<string, FunctionUse>>;
}

export interface Measurement {
  readonly cases: readonly Measured[];
  /** One forged callback. */
  readonly forged: Measured;
  /** Requests a task, of tasks that come together: where requests are shared by several. */
  readonly burst: { readonly tasks: number; readonly used: Used };
  /** What is paid by the month and not by the task. */
  readonly standing: Standing;
}

export interface Standing {
  readonly alarms: number;
  readonly metrics: number;
  readonly secrets: number;
  readonly polledQueues: { readonly standard: number; readonly fifo: number };
}

const PROVIDER_KEY = 'cost-key';
/** About what a photograph of 1280 by 1280 pixels takes as a PNG. */
const IMAGE_BYTES = 2_500_000;
const WARM_UP = 5;
const COUNTED = 12;
const BURST = 200;
const AT_ONCE = 20;
/** A callback is overdue late enough that no task's timer is early, and early enough that its batches are not waited for. */
const OVERDUE_SECONDS = 15;

/** @param progress told what is being done */
export async function measure(progress: (line: string) => void): Promise<Measurement> {
  const standIn = await startStandIn(['--quiet', '--pictures=plain', '--delay-ms=30']);
  const assembly = await prepareAssembly({
    settings: { ...localSettings, overdueSeconds: OVERDUE_SECONDS, firstReadSeconds: 1 },
    providerBaseUrls: standIn.providers,
    progress,
  });
  const meter = startMeter();
  const deployment = await deployLocally({
    assembly: assembly.directory,
    owner: 'cost',
    apiKey: newKey(),
    providerKeys: forEachProvider(() => PROVIDER_KEY),
    log: meter.onLine,
  });
  const { cloud, apiKey } = deployment;
  const receiver = await serve(() => ({}));
  const dynamodb = dynamoDbOf(deployment);
  const target: Target = {
    cloud,
    apiKey,
    dynamodb,
    tasksTable: output(cloud, 'TasksTable'),
    receiver: receiver.url,
    budgetedKey: await budgetedKey(cloud, dynamodb),
  };
  try {
    for (const url of Object.values(standIn.providers)) {
      await new StandInClient(url, PROVIDER_KEY).addFault({ kind: 'picture-bytes', bytes: IMAGE_BYTES });
    }
    const measured: Measured[] = [];
    for (const one of cases) {
      progress(`Counting ${one.name} …`);
      measured.push(await measureCase(target, meter, one));
    }
    progress('Counting forged callbacks …');
    const forged = await measureForged(target, meter);
    progress(`Counting ${BURST} tasks that come together …`);
    const burst = { tasks: BURST, used: await measureBurst(target, meter, cases[0]!) };
    return { cases: measured, forged, burst, standing: standingIn(cloud) };
  } finally {
    await receiver.close();
    await cloud.stop();
    await standIn.stop();
    await assembly.remove();
  }
}

const dynamoDbOf = ({ cloud, client }: LocalDeployment): DynamoDBClient =>
  new DynamoDBClient({ ...client, endpoint: cloud.endpoints.dynamodb });

/** The budget is far from used up. */
async function budgetedKey(cloud: LocalCloud, dynamodb: DynamoDBClient): Promise<string> {
  const tables = {
    dynamodb,
    keysTable: output(cloud, 'KeysTable'),
    usageTable: output(cloud, 'UsageTable'),
  };
  const owner = 'cost-with-budget';
  const [key, created] = [newKey(), Math.floor(Date.now() / 1000)];
  await createKey(tables, { owner, key, created, limits: { images_at_once: 1000 } });
  await putBudget(tables, owner, { images_per_day: 1_000_000, images_per_month: 10_000_000 });
  return key;
}

type Meter = ReturnType<typeof startMeter>;

async function measureCase(target: Target, meter: Meter, one: Case): Promise<Measured> {
  const { cloud, dynamodb } = target;
  for (let nth = 0; nth < WARM_UP; nth++) await runTask(target, one);
  await ringTimers(target);
  const used = await meter.measure(cloud, dynamodb, async () => {
    await runTask(target, one);
    await ringTimers(target);
  });
  const functions = await measureFunctions(target, () => runTask(target, one));
  const { name, provider, images } = one;
  return { name, provider, images, used, functions };
}

async function measureForged(target: Target, meter: Meter): Promise<Measured> {
  const { cloud, dynamodb } = target;
  for (let nth = 0; nth < WARM_UP; nth++) await forge(target);
  const used = await meter.measure(cloud, dynamodb, () => forge(target));
  const functions = await measureFunctions(target, () => forge(target));
  return { name: 'A forged callback', provider: 'nobody', images: 0, used, functions };
}

async function forge({ cloud }: Target): Promise<void> {
  const url = `${cloud.apiUrl}/v1/callbacks/${freshTaskId(Date.now())}/1-${'x'.repeat(43)}`;
  const { status } = await fetch(url, { method: 'POST', body: '{"id":"x","status":"completed"}' });
  if (status !== 200) throw new Error(`the ingress answered ${status}`);
  await cloud.idle();
}

/** Without a meter, which would wait in the middle of every request. */
async function measureFunctions(
  target: Target,
  once: () => Promise<unknown>,
): Promise<Record<string, FunctionUse>> {
  const { cloud } = target;
  const [before, times, views] = [cloud.requests(), processorTimes(cloud), cloud.functions()];
  for (let nth = 0; nth < COUNTED; nth++) {
    await once();
    await ringTimers(target);
  }
  const { byCaller } = cloud.requests(before);
  const after = processorTimes(cloud);
  const each = (count: number) => Math.round((count / COUNTED) * 100) / 100;
  const uses = cloud.functions().map((view): [string, FunctionUse] => {
    const earlier = views.find(({ name }) => name === view.name)!;
    const requests = Object.entries(byCaller[view.name] ?? {}).map(([kind, count]) => [kind, each(count)]);
    return [
      view.logicalId.replace(/[0-9A-F]{8}$/, '').replace(/^(Functions|Webhooks)(?=.)/, ''),
      {
        memoryMb: view.memoryMb,
        invocations: each(view.invocations - earlier.invocations),
        processorMs: Math.round(each((after.get(view.name) ?? 0) - (times.get(view.name) ?? 0)) * 10) / 10,
        requests: Object.fromEntries(requests),
      },
    ];
  });
  return Object.fromEntries(uses.filter(([name, { invocations }]) => invocations > 0 && name !== LEDGER));
}

async function measureBurst(target: Target, meter: Meter, one: Case): Promise<Used> {
  const total = await meter.measure(target.cloud, target.dynamodb, async () => {
    for (let from = 0; from < BURST; from += AT_ONCE) {
      await Promise.all(Array.from({ length: AT_ONCE }, () => runTask(target, one)));
    }
    await ringTimers(target);
  });
  return Object.fromEntries(
    Object.entries(total).map(([unit, count]) => [unit, Math.round((count / BURST) * 100) / 100]),
  );
}

/** Every combination of a metric's dimensions is one that is paid; here are those that healthy tasks have. */
function standingIn(cloud: LocalCloud): Standing {
  const resources = Object.values(templateOf().Resources);
  const count = (type: string) => resources.filter(({ Type }) => Type === type).length;
  const queues = cloud.queues().filter(({ name }) => !/Dead|Unpublished/.test(name));
  const fifo = queues.filter(({ name }) => name.endsWith('.fifo')).length;
  return {
    alarms: count('AWS::CloudWatch::Alarm'),
    metrics: cloud.metrics().length,
    secrets: count('AWS::SecretsManager::Secret'),
    polledQueues: { standard: queues.length - fifo, fifo },
  };
}
