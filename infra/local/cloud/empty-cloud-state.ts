/** A cloud before any resource has been created: every service is there, and holds nothing but what the state kept. */
import { Activity } from './activity.ts';
import type { Assembly } from './assembly.ts';
import { IssuedCredentials } from './aws/credentials.ts';
import { RequestLedger } from './aws/request-ledger.ts';
import type { CloudState, Endpoints } from './cloud-state.ts';
import { MetricStore } from './cloudwatch/metric-store.ts';
import { QueueMetrics } from './cloudwatch/queue-metrics.ts';
import { TableNames } from './dynamodb/table-names.ts';
import { Tables } from './dynamodb/tables.ts';
import { Upstream } from './dynamodb/upstream.ts';
import { Buses } from './eventbridge/buses.ts';
import { Schedules } from './eventbridge/schedules.ts';
import type { Failures } from './failure.ts';
import { AccessControl } from './iam/access-control.ts';
import { Policies } from './iam/policies.ts';
import { EmbeddedMetrics } from './lambda/embedded-metrics.ts';
import { StreamPositions } from './lambda/stream-positions.ts';
import type { LocalCloudOptions } from './local-cloud.ts';
import { ObjectStore } from './s3/object-store.ts';
import { Secrets } from './secrets/secrets.ts';
import { Subscriptions } from './sns/subscriptions.ts';
import { Queues } from './sqs/queues.ts';
import type { State } from './state.ts';

const REGION = 'us-east-1';
const ACCOUNT = '000000000000';
const PARTITION = 'aws';
/** Whom people and tests are taken for: an administrator of the account. */
const OPERATOR = {
  kind: 'user',
  arn: `arn:${PARTITION}:iam::${ACCOUNT}:user/operator`,
  account: ACCOUNT,
} as const;
const CONCURRENCY = 4;

/** What has been read and opened before. */
export interface Opened {
  readonly assembly: Assembly;
  readonly state: State;
  readonly failures: Failures;
  readonly dynamoUrl: string;
  readonly endpoints: Endpoints;
  readonly publicUrl: string;
}

export function emptyCloudState(options: LocalCloudOptions, opened: Opened): CloudState {
  const { assembly, state, failures, dynamoUrl, endpoints, publicUrl } = opened;
  const activity = new Activity();
  const ledger = new RequestLedger(failures);
  const queues = new Queues(state);
  const log = options.log ?? (() => undefined);
  const dynamo = new Upstream(dynamoUrl);
  const measured = new MetricStore();
  const policies = new Policies();
  const access = new AccessControl(policies, options.withoutGrant);
  return {
    stackName: assembly.stackName,
    region: REGION,
    account: ACCOUNT,
    partition: PARTITION,
    publicUrl,
    endpoints,
    assets: assembly.assets,
    state,
    concurrency: options.concurrency ?? CONCURRENCY,
    activity,
    credentials: new IssuedCredentials(OPERATOR),
    ledger,
    failures,
    log,
    metrics: new EmbeddedMetrics(measured),
    measured,
    queueMetrics: new QueueMetrics(measured, () => queues.all()),
    buses: new Buses({ account: ACCOUNT, region: REGION, queues, ledger, access, activity, log }),
    schedules: new Schedules({ account: ACCOUNT, region: REGION, access, log }),
    objects: new ObjectStore(state),
    policies,
    access,
    queues,
    subscriptions: new Subscriptions(),
    secrets: new Secrets(state.database),
    tables: new Tables(dynamo, new TableNames(state.database, options.dynamodbEndpoint)),
    dynamo,
    streamPositions: new StreamPositions(state.database),
    functions: new Map(),
    alarms: [],
    eventSources: [],
    httpApi: undefined,
    integrations: new Map(),
  };
}
