/** Starts a local cloud: state, servers and database first, then every resource of the template, then the mappings. */
import { type Assembly, readAssembly } from './assembly.ts';
import { type LocalServer, listen } from './aws/http-server.ts';
import type { CloudState } from './cloud-state.ts';
import { type DynamoServer, startDynamoServer } from './dynamodb/dynoxide.ts';
import { emptyCloudState } from './empty-cloud-state.ts';
import { recordEvents } from './eventbridge/events-file.ts';
import { sdkEnvironment } from './lambda/sandbox-environment.ts';
import type { LocalCloud, LocalCloudOptions } from './local-cloud.ts';
import { RESOURCE_TYPES } from './resources/resource-types.ts';
import { openServices, type Services } from './services.ts';
import { openState, type State } from './state.ts';
import { provision } from './template/provision.ts';
import { inspectFunctions, inspectQueues } from './views.ts';

/** What is to be undone, latest first. */
type Cleanup = Array<() => Promise<void> | void>;

/** API Gateway takes 10,240 bytes of request line and headers. */
const MAX_HEADER_BYTES = 10_240;

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
  const { state, dynamo, services, apiServer } = await open(options, cleanup);
  const publicUrl = options.publicUrl?.replace(/\/+$/, '') ?? apiServer.url;
  const cloud = emptyCloudState(options, {
    assembly,
    state,
    dynamoUrl: dynamo.url,
    endpoints: services.endpoints,
    publicUrl,
  });
  cleanup.push(() => stopWorking(cloud));
  await cloud.objects.open();
  if (options.eventsFile) cleanup.push(recordEvents(cloud.buses, options.eventsFile));
  services.serve(cloud);
  const outputs = await provision(assembly.template, RESOURCE_TYPES, cloud);
  for (const mapping of cloud.mappings) mapping.start();
  apiServer.serve(cloud);
  return running({ assembly, cloud, outputs, apiUrl: apiServer.url, cleanup });
}

interface Servers {
  readonly state: State;
  readonly dynamo: DynamoServer;
  readonly services: Services;
  readonly apiServer: ApiServer;
}

async function open(options: LocalCloudOptions, cleanup: Cleanup): Promise<Servers> {
  const state = await openState(options.stateDir);
  cleanup.push(() => state.close());
  const apiServer = await openApiServer(options.port ?? 0);
  cleanup.push(() => apiServer.close());
  const services = await openServices();
  cleanup.push(() => services.close());
  const dynamo = await startDynamoServer(state.tablesFile);
  cleanup.push(() => dynamo.stop());
  return { state, dynamo, services, apiServer };
}

interface ApiServer extends LocalServer {
  /** Lets requests through to the HTTP API; before that they are answered 503. */
  serve(cloud: CloudState): void;
}

async function openApiServer(port: number): Promise<ApiServer> {
  let cloud: CloudState | undefined;
  const server = await listen(
    (request, response) => {
      if (cloud?.httpApi) void cloud.httpApi.handle(request, response);
      else response.writeHead(503).end();
    },
    port,
    { maxHeaderSize: MAX_HEADER_BYTES },
  );
  return {
    ...server,
    serve: (booted) => {
      cloud = booted;
    },
  };
}

function stopWorking(cloud: CloudState): void {
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

/** The running cloud as those who started it see it. */
function running({ assembly, cloud, outputs, apiUrl, cleanup }: Booted): LocalCloud {
  const { outside } = cloud.credentials;
  return {
    stackName: assembly.stackName,
    apiUrl,
    publicUrl: cloud.publicUrl,
    endpoints: cloud.endpoints,
    region: cloud.region,
    credentials: { accessKeyId: outside.accessKeyId, secretAccessKey: outside.secretAccessKey },
    outputs,
    policies: cloud.policies,
    environment: () => sdkEnvironment(cloud.region, cloud.endpoints, outside),
    requests: (since) => cloud.ledger.counts(since),
    routes: () => cloud.httpApi?.counts() ?? {},
    metrics: () => cloud.metrics.all(),
    onEvent: (listener) => cloud.buses.onEvent(listener),
    onRequest: (hook) => cloud.ledger.onRequest(hook),
    ...inspectFunctions(cloud),
    ...inspectQueues(cloud),
    idle: () => cloud.activity.idle(),
    stop: () => undo(cleanup),
  };
}

async function undo(cleanup: Cleanup): Promise<void> {
  for (const step of cleanup.splice(0).reverse()) await step();
}
