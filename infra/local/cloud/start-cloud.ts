/** Starts a local cloud: state, servers and database first, then every resource of the template, then the mappings. */
import { type Assembly, readAssembly } from './assembly.ts';
import { type LocalServer, listen } from './aws/http-server.ts';
import type { CloudState } from './cloud-state.ts';
import { type DynamoServer, startDynamoServer } from './dynamodb/dynoxide.ts';
import { emptyCloudState } from './empty-cloud-state.ts';
import { recordEvents } from './eventbridge/events-file.ts';
import { CloudFailure, Failures } from './failure.ts';
import { sdkEnvironment } from './lambda/sandbox-environment.ts';
import type { LocalCloud, LocalCloudOptions } from './local-cloud.ts';
import { expectAlarmsRing } from './resources/alarms.ts';
import { RESOURCE_TYPES } from './resources/resource-types.ts';
import { openServices, type Services } from './services.ts';
import { openState, type State } from './state.ts';
import { provision } from './template/provision.ts';
import { inspectFunctions, inspectQueues, inspectSchedules } from './views.ts';

/** What is to be undone, latest first. */
type Cleanup = Array<() => Promise<void> | void>;

/** API Gateway takes 10,240 bytes of request line and headers. */
const MAX_HEADER_BYTES = 10_240;

/**
 * Boots the stack of a cloud assembly.
 * @throws TemplateError that names a resource type, property or intrinsic that is not known; CloudFailure when the disk
 *   is full; Error when a port is taken or the DynamoDB server cannot start. Nothing is left running or lying about then.
 */
export async function startLocalCloud(options: LocalCloudOptions): Promise<LocalCloud> {
  const cleanup: Cleanup = [];
  let hasBooted = false;
  const failures = new Failures((failure) => {
    if (hasBooted) (options.onFailure ?? throwUncaught)(failure);
  });
  try {
    const cloud = await boot(options, failures, cleanup);
    // What was reported meanwhile says more than what came of it.
    if (failures.first) throw failures.first;
    hasBooted = true;
    return cloud;
  } catch (error) {
    await undo(cleanup).catch(() => undefined);
    throw failures.first ?? error;
  }
}

/** A failure that nobody listens for ends the process, as any error does that nobody catches. */
function throwUncaught(failure: CloudFailure): void {
  queueMicrotask(() => {
    throw failure;
  });
}

async function boot(options: LocalCloudOptions, failures: Failures, cleanup: Cleanup): Promise<LocalCloud> {
  const assembly = await readAssembly(options.assembly);
  const { state, dynamo, services, apiServer } = await open(options, failures, cleanup);
  const publicUrl = options.publicUrl?.replace(/\/+$/, '') ?? apiServer.url;
  const cloud = emptyCloudState(options, {
    assembly,
    state,
    failures,
    dynamoUrl: dynamo.url,
    endpoints: services.endpoints,
    publicUrl,
  });
  cleanup.push(() => cloud.dynamo.close());
  // They lie at a server that lives on, and nobody could find them again.
  if (options.dynamodbEndpoint && !options.stateDir) cleanup.push(() => cloud.tables.deleteAll());
  cleanup.push(() => stopWorking(cloud));
  await cloud.objects.open();
  if (options.eventsFile) {
    cleanup.push(recordEvents(cloud.buses, options.eventsFile, (error) => failures.check(error)));
  }
  services.serve(cloud);
  const outputs = await provision(assembly.template, RESOURCE_TYPES, cloud);
  expectAlarmsRing(cloud);
  for (const source of cloud.eventSources) source.start();
  cloud.queueMetrics.start();
  cloud.schedules.start();
  apiServer.serve(cloud);
  return running({ assembly, cloud, outputs, apiUrl: apiServer.url, endpoint: services.endpoint, cleanup });
}

interface Servers {
  readonly state: State;
  readonly dynamo: DynamoServer;
  readonly services: Services;
  readonly apiServer: ApiServer;
}

async function open(options: LocalCloudOptions, failures: Failures, cleanup: Cleanup): Promise<Servers> {
  const state = await openState(options.stateDir, failures);
  cleanup.push(() => state.close());
  const apiServer = await openApiServer(options.port ?? 0);
  cleanup.push(() => apiServer.close());
  const services = await openServices();
  cleanup.push(() => services.close());
  const dynamo = await startDynamoServer({
    file: state.tablesFile,
    endpoint: options.dynamodbEndpoint,
    onEnd: (how) => failures.report(serverEnded(how)),
  });
  cleanup.push(() => dynamo.stop());
  return { state, dynamo, services, apiServer };
}

function serverEnded(how: string): CloudFailure {
  return new CloudFailure(`the local cloud's DynamoDB server has ended (${how}): start the cloud again`);
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
  cloud.queueMetrics.stop();
  cloud.schedules.stop();
  for (const source of cloud.eventSources) source.stop();
  for (const one of cloud.functions.values()) one.stop();
  cloud.queues.close();
}

interface Booted {
  readonly assembly: Assembly;
  readonly cloud: CloudState;
  readonly outputs: Record<string, string>;
  readonly apiUrl: string;
  readonly endpoint: string;
  readonly cleanup: Cleanup;
}

/** The running cloud as those who started it see it. */
function running({ assembly, cloud, outputs, apiUrl, endpoint, cleanup }: Booted): LocalCloud {
  const { outside } = cloud.credentials;
  let stopping: Promise<void> | undefined;
  return {
    stackName: assembly.stackName,
    apiUrl,
    publicUrl: cloud.publicUrl,
    endpoints: cloud.endpoints,
    endpoint,
    region: cloud.region,
    credentials: { accessKeyId: outside.accessKeyId, secretAccessKey: outside.secretAccessKey },
    outputs,
    permissions: {
      grants: () => cloud.policies.grants(),
      needed: () => cloud.access.needed(),
      onNeeded: (listener) => cloud.access.onNeeded(listener),
      refusals: () => cloud.access.refusals,
    },
    environment: () => sdkEnvironment(cloud.region, cloud.endpoints, outside),
    requests: (since) => cloud.ledger.counts(since),
    routes: () => cloud.httpApi?.counts() ?? {},
    metrics: () => cloud.metrics.all(),
    onEvent: (listener) => cloud.buses.onEvent(listener),
    onRequest: (hook) => cloud.ledger.onRequest(hook),
    ...inspectFunctions(cloud),
    ...inspectQueues(cloud),
    confirmations: () =>
      cloud.subscriptions
        .all()
        .filter(({ isConfirmed }) => !isConfirmed)
        .map(({ topicArn, endpoint, token }) => ({ topicArn, endpoint, token })),
    ...inspectSchedules(cloud),
    idle: () => cloud.activity.idle(),
    stop: () => {
      stopping ??= undo(cleanup);
      return stopping;
    },
  };
}

/** Takes every step, also after one that fails. @throws AggregateError with what failed */
async function undo(cleanup: Cleanup): Promise<void> {
  const errors: unknown[] = [];
  for (const step of cleanup.splice(0).reverse()) {
    try {
      await step();
    } catch (error) {
      errors.push(error);
    }
  }
  if (errors.length > 0) throw new AggregateError(errors, 'the local cloud could not be stopped cleanly');
}
