/**
 * `npm start`: the whole of Wanhook on this machine, until it is stopped. State is kept in `.local/`.
 *
 *   --fresh                              forget what was kept
 *   PORT, WANHOOK_API_KEY                where we listen (8787), the key that is let in
 *   <PROVIDER>_BASE_URL, …_API_KEY       a provider elsewhere instead of its stand-in
 *   PUBLIC_URL                           a tunnel to this machine, so that a real provider can call back
 */
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import {
  definitions,
  forEachProvider,
  type ProviderName,
  providerNames,
} from '../../shared/providers/definitions.ts';
import { newKey } from '../operations/api-keys.ts';
import { deployLocally, type LocalDeployment, localSettings, output } from './deploy.ts';
import { readable } from './log-lines.ts';
import { expectFree, readPort } from './port.ts';
import { type StandIn, startStandIn } from './start-providers.ts';
import { synthesize } from './synthesize.ts';

/** Below the directory that it is started in: for `npm start` the project's. */
const DIRECTORY = resolve('.local');
const ENDPOINTS = join(DIRECTORY, 'endpoints.json');
const EVENTS = '.local/events.jsonl';
const OWNER = 'local';
const DEFAULT_PORT = 8787;

interface Place {
  readonly port: number;
  /** Kept by port, so that two can run at once. */
  readonly state: string;
}

/** Base URLs by provider. */
type Providers = Readonly<Record<ProviderName, string>>;

async function start(): Promise<void> {
  const { values } = parseArgs({ options: { fresh: { type: 'boolean', default: false } } });
  const port = readPort(process.env.PORT, DEFAULT_PORT);
  const place = { port, state: join(DIRECTORY, `state-${port}`) };
  await expectFree(port);
  if (values.fresh) await forget(place);
  // Whoever waits for this file must not find the addresses of last time.
  await rm(ENDPOINTS, { force: true });
  await mkdir(place.state, { recursive: true });

  const elsewhere = forEachProvider((name) => given(name, 'BASE_URL'));
  const standIn = Object.values(elsewhere).every(Boolean) ? undefined : await startStandIn();
  const providers = forEachProvider((name) => elsewhere[name] || standIn!.providers[name]);
  console.log('Synthesizing the stack …');
  const deployment = await deploy(place, providers);
  await writeEndpoints(deployment, providers);
  stopOnSignal(deployment, standIn);
  welcome(deployment, providers);
}

/** What the environment says of a provider: `<PROVIDER>_BASE_URL`, `<PROVIDER>_API_KEY`. */
const given = (provider: ProviderName, what: 'BASE_URL' | 'API_KEY'): string | undefined =>
  process.env[`${provider.toUpperCase()}_${what}`];

async function forget({ state }: Place): Promise<void> {
  for (const path of [state, ENDPOINTS]) await rm(path, { recursive: true, force: true });
  // Emptied and not removed: another one that runs goes on writing to it.
  await writeFile(EVENTS, '').catch(() => undefined);
}

async function deploy({ port, state }: Place, providers: Providers): Promise<LocalDeployment> {
  const settings = { ...localSettings, providerBaseUrls: providers };
  const assembly = await synthesize({ outdir: join(state, 'cdk.out'), context: { wanhook: settings } });
  return deployLocally({
    ...{ assembly, port, stateDir: state, eventsFile: resolve(EVENTS) },
    ...(process.env.PUBLIC_URL && { publicUrl: process.env.PUBLIC_URL.replace(/\/+$/, '') }),
    log: (line) => {
      const text = readable(line);
      if (text) console.log(text);
    },
    ...{ owner: OWNER, apiKey: process.env.WANHOOK_API_KEY || (await keptKey(state)) },
    providerKeys: forEachProvider((name) => given(name, 'API_KEY') || `local-${name}-key`),
  });
}

/** The key of last time, or a new one. */
async function keptKey(state: string): Promise<string> {
  const file = join(state, 'api-key');
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
  providers  ${addressesOf(providers)}
  events     ${EVENTS}
  addresses  .local/endpoints.json

Try it:
  curl -s ${cloud.apiUrl}/v1/images/generations -H 'Authorization: Bearer ${apiKey}' \\
    -H 'Content-Type: application/json' -d '{"model":"wan2.5-text-to-image","prompt":"a red boat 一只红色的小船"}'
  curl -s ${cloud.apiUrl}/v1/tasks -H 'Authorization: Bearer ${apiKey}'
`);
}

const addressesOf = (providers: Providers): string =>
  providerNames.map((name) => `${definitions[name].title} ${providers[name]}`).join(' · ');

try {
  await start();
} catch (error) {
  console.error(`Wanhook could not start. ${error instanceof Error ? error.message : error}`);
  process.exit(1);
}
