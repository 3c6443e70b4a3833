// The local cloud: runs a synthesized stack on this machine.
//
//   const cloud = await startLocalCloud({ assembly: 'cdk.out' });
//   await fetch(`${cloud.apiUrl}/v1/tasks`);
//   await cloud.stop();

import { type Assembly, readAssembly } from './assembly.ts';
import { type LocalServer, listen } from './aws/http-server.ts';
import { buildCloudState, REGION } from './build-cloud-state.ts';
import type { CloudState } from './cloud-state.ts';
import { type DynamoServer, startDynamoServer } from './dynamodb/dynoxide.ts';
import { recordEvents } from './eventbridge/events-file.ts';
import type { LogListener } from './lambda/logs.ts';
import { sdkEnvironment } from './lambda/sandbox-environment.ts';
import type { LocalCloud } from './local-cloud-types.ts';
import { RESOURCE_TYPES } from './resources/all.ts';
import { openServices, type Services } from './services.ts';
import { openState, type State } from './state.ts';
import { provision } from './template/provision.ts';
import { inspectFunctions, inspectQueues } from './views.ts';

export type * from './local-cloud-types.ts';

export interface LocalCloudOptions {
  /** The directory that `cdk synth` wrote. */
  readonly assembly: string;
  /** The HTTP API's port; 0 or none: any free one. */
  readonly port?: number;
  /** What the template sees as the HTTP API's address (a tunnel to this machine); the API's own by default. */
  readonly publicUrl?: string;
  /** Where tables, objects, queues and secrets are kept; without one they vanish with the cloud. */
  readonly stateDir?: string;
  /** A file to which every event put on any bus is appended, as one line of JSON. */
  readonly eventsFile?: string;
  /** Takes what functions print, and what the platform says of them. */
  readonly log?: LogListener;
  /** The most sandboxes a function; 4 by default. */
  readonly concurrency?: number;
}

/** Things to undo, latest first. */
type Cleanup = Array<() => Promise<void> | void>;

/**
 * Boots the stack of a cloud assembly.
 * @throws TemplateError that names a resource type, property or intrinsic that is not known; Error when a port is taken
 *   or the DynamoDB server cannot start. Nothing is left running then.
 */
export async function startLocalCloud(options: LocalCloudOptions): Promise<LocalCloud> {
  const cleanup: Cleanup = [];
  try {
    return await boot(options, cleanup);
  } catch (error) {
    await undo(cleanup);
    throw error;
  }
}

async function boot(options: LocalCloudOptions, cleanup: Cleanup): Promise<LocalCloud> {
  const assembly = await readAssembly(options.assembly);
  const { state, dynamo, services, door, open } = await openParts(options, cleanup);
  const publicUrl = options.publicUrl?.replace(/\/+$/, '') ?? door.url;
  const cloud = buildCloudState({
    options,
    assembly,
    state,
    dynamoUrl: dynamo.url,
    endpoints: services.endpoints,
    publicUrl,
  });
  cleanup.push(() => closeState(cloud));
  await cloud.objects.open();
  if (options.eventsFile) cleanup.push(recordEvents(cloud.buses, options.eventsFile));
  services.serve(cloud);
  const outputs = await provision(assembly.template, RESOURCE_TYPES, cloud);
  for (const mapping of cloud.mappings) mapping.start();
  open(cloud);
  return surface({ assembly, cloud, outputs, apiUrl: door.url, cleanup });
}

interface Parts {
  readonly state: State;
  readonly dynamo: DynamoServer;
  readonly services: Services;
  readonly door: LocalServer;
  /** Lets requests in at the door. */
  open(cloud: CloudState): void;
}

async function openParts(options: LocalCloudOptions, cleanup: Cleanup): Promise<Parts> {
  let cloud: CloudState | undefined;
  const state = await openState(options.stateDir);
  cleanup.push(() => state.close());
  const door = await listen(
    (request, response) => {
      if (cloud?.httpApi) void cloud.httpApi.handle(request, response);
      else response.writeHead(503).end();
    },
    options.port ?? 0,
    // API Gateway takes 10,240 bytes of request line and headers.
    { maxHeaderSize: 10_240 },
  );
  cleanup.push(() => door.close());
  const services = await openServices();
  cleanup.push(() => services.close());
  const dynamo = await startDynamoServer(state.tablesFile);
  cleanup.push(() => dynamo.stop());
  return {
    ...{ state, dynamo, services, door },
    open: (made) => {
      cloud = made;
    },
  };
}

function closeState(cloud: CloudState): void {
  for (const mapping of cloud.mappings) mapping.stop();
  for (const one of cloud.functions.values()) one.stop();
  cloud.queues.close();
  cloud.dynamo.close();
}

interface Booted {
  readonly assembly: Assembly;
  readonly cloud: CloudState;
  readonly outputs: Record<string, string>;
  readonly apiUrl: string;
  readonly cleanup: Cleanup;
}

function surface({ assembly, cloud, outputs, apiUrl, cleanup }: Booted): LocalCloud {
  const { outside } = cloud.callers;
  return {
    ...{ apiUrl, outputs, stackName: assembly.stackName, publicUrl: cloud.publicUrl },
    ...{ endpoints: cloud.endpoints, region: REGION },
    credentials: { accessKeyId: outside.accessKeyId, secretAccessKey: outside.secretAccessKey },
    environment: () => sdkEnvironment(REGION, cloud.endpoints, outside),
    requests: (since) => cloud.ledger.counts(since),
    onRequest: (hook) => cloud.ledger.onRequest(hook),
    metrics: () => cloud.metrics.all(),
    door: () => cloud.httpApi?.counts() ?? {},
    onEvent: (listener) => cloud.buses.onEvent(listener),
    ...inspectFunctions(cloud),
    ...inspectQueues(cloud),
    policies: cloud.policies,
    idle: () => cloud.activity.idle(),
    stop: () => undo(cleanup),
  };
}

async function undo(cleanup: Cleanup): Promise<void> {
  for (const step of cleanup.splice(0).reverse()) await step();
}
