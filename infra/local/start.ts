/**
 * `npm start`: the whole of Wanhook on this machine, until it is stopped. State is kept in `.local/`.
 *
 *   --fresh                              forget what was kept
 *   PORT, WANHOOK_API_KEY                where we listen (8787), the key that is let in
 *   EVOLINK_BASE_URL, EVOLINK_API_KEY    a provider elsewhere instead of the stand-in; the same with VTRIX_…
 *   PUBLIC_URL                           a tunnel to this machine, so that a real provider can call back
 */
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { newKey } from '../operations/api-keys.ts';
import { deployLocally, type LocalDeployment, localSettings, output } from './deployment.ts';
import { readable } from './log-lines.ts';
import { type StandIn, startStandIn } from './stand-in.ts';
import { synthesize } from './synthesize.ts';

/** Below the directory that it is started in: for `npm start` the project's. */
const DIRECTORY = resolve('.local');
const PORT = Number(process.env.PORT || 8787);
/** By port, so that two can run at once. */
const STATE = join(DIRECTORY, `state-${PORT}`);
const ENDPOINTS = join(DIRECTORY, 'endpoints.json');
const EVENTS = '.local/events.jsonl';
const OWNER = 'local';

type Providers = Readonly<Record<'evolink' | 'vtrix', string>>;

async function start(): Promise<void> {
  const { values } = parseArgs({ options: { fresh: { type: 'boolean', default: false } } });
  if (values.fresh) await forget();
  await mkdir(STATE, { recursive: true });

  const { EVOLINK_BASE_URL, VTRIX_BASE_URL } = process.env;
  const standIn = EVOLINK_BASE_URL && VTRIX_BASE_URL ? undefined : await startStandIn();
  const providers: Providers = {
    evolink: EVOLINK_BASE_URL || standIn!.providers.evolink,
    vtrix: VTRIX_BASE_URL || standIn!.providers.vtrix,
  };
  console.log('Synthesizing the stack …');
  const deployment = await deploy(providers);
  await writeEndpoints(deployment, providers);
  stopOnSignal(deployment, standIn);
  welcome(deployment, providers);
}

async function forget(): Promise<void> {
  for (const path of [STATE, resolve(EVENTS), ENDPOINTS]) await rm(path, { recursive: true, force: true });
}

async function deploy(providers: Providers): Promise<LocalDeployment> {
  const settings = { ...localSettings, evolinkBaseUrl: providers.evolink, vtrixBaseUrl: providers.vtrix };
  const assembly = await synthesize({ outdir: join(STATE, 'cdk.out'), context: { wanhook: settings } });
  return deployLocally({
    ...{ assembly, stateDir: STATE, eventsFile: resolve(EVENTS) },
    port: PORT,
    ...(process.env.PUBLIC_URL && { publicUrl: process.env.PUBLIC_URL.replace(/\/+$/, '') }),
    log: (line) => {
      const text = readable(line);
      if (text) console.log(text);
    },
    ...{ owner: OWNER, apiKey: await apiKey() },
    providerKeys: {
      evolink: process.env.EVOLINK_API_KEY || 'local-evolink-key',
      vtrix: process.env.VTRIX_API_KEY || 'local-vtrix-key',
    },
  });
}

/** The key that was asked for, the one of last time, or a new one. */
async function apiKey(): Promise<string> {
  if (process.env.WANHOOK_API_KEY) return process.env.WANHOOK_API_KEY;
  const file = join(STATE, 'api-key');
  const kept = await readFile(file, 'utf8').catch(() => undefined);
  if (kept) return kept;
  const key = newKey();
  await writeFile(file, key, { mode: 0o600 });
  return key;
}

async function writeEndpoints(
  { cloud, apiKey, owner }: LocalDeployment,
  providers: Providers,
): Promise<void> {
  const endpoints = {
    ...{ api: cloud.apiUrl, apiKey, owner, providers },
    ...{ dynamodb: cloud.endpoints.dynamodb, tasksTable: output(cloud, 'TasksTable') },
    ...{ s3: cloud.endpoints.s3, bucket: output(cloud, 'ImagesBucket'), events: EVENTS },
  };
  await writeFile(ENDPOINTS, `${JSON.stringify(endpoints, null, 2)}\n`);
}

function stopOnSignal({ cloud }: LocalDeployment, standIn: StandIn | undefined): void {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, async () => {
      await cloud.stop();
      await standIn?.stop();
      process.exit(0);
    });
  }
}

function welcome({ cloud, apiKey }: LocalDeployment, providers: Providers): void {
  console.log(`
Wanhook runs at ${cloud.apiUrl}${cloud.publicUrl === cloud.apiUrl ? '' : ` (public: ${cloud.publicUrl})`}
  key        ${apiKey}
  providers  EvoLink ${providers.evolink} · Vtrix ${providers.vtrix}
  events     ${EVENTS}
  addresses  .local/endpoints.json

Try it:
  curl -s ${cloud.apiUrl}/v1/images/generations -H 'Authorization: Bearer ${apiKey}' \\
    -H 'Content-Type: application/json' -d '{"model":"wan2.5-text-to-image","prompt":"a red boat 一只红色的小船"}'
  curl -s ${cloud.apiUrl}/v1/tasks -H 'Authorization: Bearer ${apiKey}'
`);
}

await start();
