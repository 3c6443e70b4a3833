// Puts the parts of a local cloud together, before any resource is made.

import { Activity } from './activity.ts';
import type { Assembly } from './assembly.ts';
import { Callers } from './aws/callers.ts';
import { RequestLedger } from './aws/request-ledger.ts';
import type { CloudState, Endpoints } from './cloud-state.ts';
import { Tables } from './dynamodb/tables.ts';
import { Upstream } from './dynamodb/upstream.ts';
import { Buses } from './eventbridge/buses.ts';
import { Policies } from './iam/policies.ts';
import type { LocalCloudOptions } from './index.ts';
import { EmbeddedMetrics } from './lambda/embedded-metrics.ts';
import { StreamPositions } from './lambda/stream-positions.ts';
import { ObjectStore } from './s3/object-store.ts';
import { Secrets } from './secrets/secrets.ts';
import { Queues } from './sqs/queues.ts';
import type { State } from './state.ts';

export const REGION = 'us-east-1';
const ACCOUNT = '000000000000';
const CONCURRENCY = 4;

interface Ingredients {
  readonly options: LocalCloudOptions;
  readonly assembly: Assembly;
  readonly state: State;
  readonly dynamoUrl: string;
  readonly endpoints: Endpoints;
  readonly publicUrl: string;
}

/** An empty cloud: every service is there, and holds nothing but what the state kept. */
export function buildCloudState({
  options,
  assembly,
  state,
  dynamoUrl,
  endpoints,
  publicUrl,
}: Ingredients): CloudState {
  const activity = new Activity();
  const ledger = new RequestLedger();
  const queues = new Queues(state);
  const dynamo = new Upstream(dynamoUrl);
  return {
    ...{ stackName: assembly.stackName, region: REGION, account: ACCOUNT, partition: 'aws' },
    ...{ publicUrl, endpoints, assets: assembly.assets, state, activity, ledger, queues, dynamo },
    concurrency: options.concurrency ?? CONCURRENCY,
    callers: new Callers(),
    log: options.log ?? (() => undefined),
    metrics: new EmbeddedMetrics(),
    buses: new Buses({ account: ACCOUNT, region: REGION, queues, ledger, activity }),
    objects: new ObjectStore(state.objectsDir),
    policies: new Policies(),
    secrets: new Secrets(state.database),
    tables: new Tables(dynamo),
    streamPositions: new StreamPositions(state.database),
    functions: new Map(),
    mappings: [],
    streamMappings: [],
    httpApi: undefined,
    integrations: new Map(),
  };
}
