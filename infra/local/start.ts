/**
 * `npm start`: the whole of Wanhook on this machine, until it is stopped. State is kept in `.local/`.
 *
 *   --fresh                              forget what was kept
 *   PORT, WANHOOK_API_KEY                where we listen (8787), the key that is accepted
 *   <PROVIDER>_BASE_URL, …_API_KEY       a provider elsewhere instead of its stand-in
 *   PUBLIC_URL                           a tunnel to this machine, so that a real provider can call back
 */
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import {
  definitions,
  forEachProvider,
  type ProviderName,
  providerNames,
} from '../../shared/providers/definitions.ts';
import { isWellFormedKey } from '../../shared/security/key-format.ts';
import { newKey } from '../operations/api-keys.ts';
import { type PreparedAssembly, type ProviderUrls, prepareAssembly } from './assembly/prepare.ts';
import { confirmAddresses } from './confirm-addresses.ts';
import { deployLocally, forgetLocally, type LocalDeployment, localSettings, output } from './deploy.ts';
import { readable } from './log-lines.ts';
import { expectFree, readPort } from './port.ts';
import { ProgramEnd } from './program-end.ts';
import { startStandIn } from './start-providers.ts';

/** Below the directory that it is started in: for `npm start` the project's. */
const DIRECTORY = resolve('.local');
/** The addresses of whichever was started last; each keeps its own beside its state too. */
const ENDPOINTS = join(DIRECTORY, 'endpoints.json');
const OUTPUTS = '.local/local-outputs.json';
const EVENTS = '.local/events.jsonl';
const OWNER = 'local';
const DEFAULT_PORT = 8787;

interface Place {
  readonly port: number;
  /** Kept by port, so that two can run at once. */
  readonly state: string;
  readonly endpoints: string;
}

async function start(program: ProgramEnd): Promise<void> {
  const { values } = parseArgs({ options: { fresh: { type: 'boolean', default: false } } });
  const port = readPort(process.env.PORT, DEFAULT_PORT);
  const apiKey = givenKey();
  const state = join(DIRECTORY, `state-${port}`);
  const place = { port, state, endpoints: join(state, 'endpoints.json') };
  await expectFree(port);
  if (values.fresh) await forget(place);
  // Whoever waits for these files must not find the addresses of last time.
  for (const file of [ENDPOINTS, place.endpoints]) await rm(file, { force: true });
  await mkdir(place.state, { recursive: true });

  const elsewhere = forEachProvider((name) => given(name, 'BASE_URL'));
  const standIn = Object.values(elsewhere).every(Boolean) ? undefined : startStandIn();
  program.before(async () => (await standIn)?.stop());
  const providers = Promise.resolve(standIn).then((started) =>
    forEachProvider((name) => elsewhere[name] || started!.providers[name]),
  );
  const assembly = await prepareAssembly({
    settings: localSettings,
    providerBaseUrls: providers,
    progress: console.log,
  });
  console.log('Booting the local cloud …');
  const deploying = deploy(place, assembly, program, apiKey);
  program.before(async () => (await deploying).cloud.stop());
  const deployment = await deploying;
  await confirmAddresses(deployment);
  await writeEndpoints(place, deployment, await providers);
  welcome(deployment, await providers);
}

/** What the environment says of a provider: `<PROVIDER>_BASE_URL`, `<PROVIDER>_API_KEY`. */
const given = (provider: ProviderName, what: 'BASE_URL' | 'API_KEY'): string | undefined =>
  process.env[`${provider.toUpperCase()}_${what}`];

async function forget({ state }: Place): Promise<void> {
  await forgetLocally(state);
  // Emptied and not removed: another one that runs goes on writing to it.
  await writeFile(EVENTS, '').catch(() => undefined);
}

async function deploy(
  { port, state }: Place,
  assembly: PreparedAssembly,
  program: ProgramEnd,
  apiKey: string | undefined,
): Promise<LocalDeployment> {
  try {
    return await deployLocally({
      assembly: assembly.directory,
      port,
      stateDir: state,
      eventsFile: resolve(EVENTS),
      onFailure: ({ message }) => void program.fail(`Wanhook has ended: ${message}`),
      ...(process.env.PUBLIC_URL && { publicUrl: process.env.PUBLIC_URL.replace(/\/+$/, '') }),
      log: (line) => {
        const text = readable(line);
        if (text) console.log(text);
      },
      owner: OWNER,
      apiKey: apiKey ?? (await keptKey(state)),
      providerKeys: forEachProvider((name) => given(name, 'API_KEY') || `local-${name}-key`),
    });
  } finally {
    await assembly.remove();
  }
}

/** @throws Error for one that no function would look up */
function givenKey(): string | undefined {
  const key = process.env.WANHOOK_API_KEY || undefined;
  if (key === undefined || isWellFormedKey(key)) return key;
  throw new Error(
    'WANHOOK_API_KEY must be a key that an earlier start has printed, or `npm run keys -- create`; without it one is made',
  );
}

/** The key of last time, or a new one. */
async function keptKey(state: string): Promise<string> {
  const file = join(state, 'api-key');
  const kept = await readFile(file, 'utf8').catch(() => undefined);
  if (kept && isWellFormedKey(kept)) return kept;
  const key = newKey();
  await writeSecret(file, key);
  return key;
}

async function writeEndpoints(
  place: Place,
  { cloud, apiKey, owner, webhookSecret }: LocalDeployment,
  providers: ProviderUrls,
): Promise<void> {
  const endpoints = {
    api: cloud.apiUrl,
    apiKey,
    owner,
    webhookSecret,
    providers,
    dynamodb: cloud.endpoints.dynamodb,
    tasksTable: output(cloud, 'TasksTable'),
    s3: cloud.endpoints.s3,
    aws: cloud.endpoint,
    bucket: output(cloud, 'ImagesBucket'),
    events: EVENTS,
  };
  const text = `${JSON.stringify(endpoints, null, 2)}\n`;
  for (const file of [place.endpoints, ENDPOINTS]) await writeSecret(file, text);
  // As `cdk deploy --outputs-file` writes them, for the operator's commands.
  await writeFile(OUTPUTS, `${JSON.stringify({ [cloud.stackName]: cloud.outputs }, null, 2)}\n`);
}

/** Appears whole, and readable by its owner alone. */
async function writeSecret(file: string, text: string): Promise<void> {
  const unfinished = `${file}.${process.pid}`;
  await writeFile(unfinished, text, { mode: 0o600 });
  await rename(unfinished, file);
}

function welcome({ cloud, apiKey }: LocalDeployment, providers: ProviderUrls): void {
  // After the number sign, so that no request holds it: the page takes it from there.
  console.log(`
Page       ${cloud.apiUrl}/#key=${encodeURIComponent(apiKey)}

Wanhook runs at ${cloud.apiUrl}${cloud.publicUrl === cloud.apiUrl ? '' : ` (public: ${cloud.publicUrl})`}
  key        ${apiKey}
  providers  ${addressesOf(providers)}
  events     ${EVENTS}
  addresses  .local/endpoints.json
  operate    npm run smoke -- ${OUTPUTS} --endpoint ${cloud.endpoint}
             npm run status -- ${OUTPUTS} --endpoint ${cloud.endpoint}
             npm run keys -- list ${OUTPUTS} --endpoint ${cloud.endpoint}

Try it:
  curl -s ${cloud.apiUrl}/v1/images/generations -H 'Authorization: Bearer ${apiKey}' \\
    -H 'Content-Type: application/json' -d '{"model":"wan2.5-text-to-image","prompt":"a red boat 一只红色的小船"}'
  curl -s ${cloud.apiUrl}/v1/tasks -H 'Authorization: Bearer ${apiKey}'
`);
}

const addressesOf = (providers: ProviderUrls): string =>
  providerNames.map((name) => `${definitions[name].title} ${providers[name]}`).join(' · ');

const program = new ProgramEnd();
try {
  await start(program);
} catch (error) {
  await program.fail(`Wanhook could not start. ${error instanceof Error ? error.message : error}`);
}
