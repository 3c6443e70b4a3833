/** Everything that exists in a running local cloud, as the resources find it while they are created. */
import type { Activity } from './activity.ts';
import type { IssuedCredentials } from './aws/credentials.ts';
import type { RequestLedger } from './aws/request-ledger.ts';
import type { Alarm } from './cloudwatch/alarm.ts';
import type { MetricStore } from './cloudwatch/metric-store.ts';
import type { QueueMetrics } from './cloudwatch/queue-metrics.ts';
import type { Tables } from './dynamodb/tables.ts';
import type { Upstream } from './dynamodb/upstream.ts';
import type { Buses } from './eventbridge/buses.ts';
import type { Schedules } from './eventbridge/schedules.ts';
import type { Failures } from './failure.ts';
import type { HttpApi, Integration } from './http-api/http-api.ts';
import type { AccessControl } from './iam/access-control.ts';
import type { Policies } from './iam/policies.ts';
import type { EmbeddedMetrics } from './lambda/embedded-metrics.ts';
import type { EventSource } from './lambda/event-source.ts';
import type { LocalFunction } from './lambda/local-function.ts';
import type { LogListener } from './lambda/logs.ts';
import type { StreamPositions } from './lambda/stream-positions.ts';
import type { ObjectStore } from './s3/object-store.ts';
import type { Secrets } from './secrets/secrets.ts';
import type { Subscriptions } from './sns/subscriptions.ts';
import type { Queues } from './sqs/queues.ts';
import type { State } from './state.ts';

/** Addresses of the local services. */
export interface Endpoints {
  readonly cloudwatch: string;
  readonly dynamodb: string;
  readonly s3: string;
  readonly sns: string;
  readonly sqs: string;
  readonly eventbridge: string;
  readonly lambda: string;
  readonly secretsmanager: string;
}

export interface CloudState {
  readonly stackName: string;
  readonly region: string;
  readonly account: string;
  readonly partition: string;
  /** The HTTP API's endpoint as the template sees it. */
  readonly publicUrl: string;
  readonly endpoints: Endpoints;
  /** Directories of the file assets, by object key. */
  readonly assets: ReadonlyMap<string, string>;
  readonly state: State;
  /** The most sandboxes a function, and the most batches at a time a queue. */
  readonly concurrency: number;

  readonly activity: Activity;
  readonly credentials: IssuedCredentials;
  readonly ledger: RequestLedger;
  readonly failures: Failures;
  readonly log: LogListener;
  /** What functions print. */
  readonly metrics: EmbeddedMetrics;
  /** What functions print, and what the services measure themselves. */
  readonly measured: MetricStore;
  readonly queueMetrics: QueueMetrics;

  readonly buses: Buses;
  readonly schedules: Schedules;
  readonly objects: ObjectStore;
  readonly policies: Policies;
  readonly access: AccessControl;
  readonly queues: Queues;
  readonly subscriptions: Subscriptions;
  readonly secrets: Secrets;
  readonly tables: Tables;
  readonly dynamo: Upstream;
  readonly streamPositions: StreamPositions;
  /** By logical id. */
  readonly functions: Map<string, LocalFunction>;
  readonly alarms: Alarm[];
  readonly eventSources: EventSource[];
  /** The one HTTP API, once it has been created. */
  httpApi: HttpApi | undefined;
  readonly integrations: Map<string, Integration>;
}
