/** What a local cloud is started with, and what it offers to those who started it. */
import type { RequestCounts, RequestHook } from './aws/request-ledger.ts';
import type { Endpoints } from './cloud-state.ts';
import type { BusEvent, EventListener } from './eventbridge/buses.ts';
import type { CloudFailure } from './failure.ts';
import type { RouteCounts } from './http-api/http-api.ts';
import type { GrantListener, Refusal } from './iam/access-control.ts';
import type { Grant } from './iam/policies.ts';
import type { MetricSum } from './lambda/embedded-metrics.ts';
import type { FunctionStats, InvocationResult } from './lambda/local-function.ts';
import type { FunctionLogLine, LogListener } from './lambda/logs.ts';
import type { Depth } from './sqs/message-store.ts';

export type {
  BusEvent,
  Endpoints,
  EventListener,
  FunctionLogLine,
  FunctionStats,
  Grant,
  GrantListener,
  InvocationResult,
  LogListener,
  MetricSum,
  Refusal,
  RequestCounts,
  RequestHook,
  RouteCounts,
};

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
  /** A DynamoDB server with streams, used instead of the embedded one. */
  readonly dynamodbEndpoint?: string | undefined;
  /**
   * Called once when the cloud can keep nothing more: its disk is full, or its DynamoDB server has ended. It is to be
   * stopped then. Without a listener the failure is thrown, where nobody can catch it.
   */
  readonly onFailure?: (failure: CloudFailure) => void;
  /** Tells which of the template's grants count as not given: to show what each of them is for. */
  readonly withoutGrant?: (grant: Grant) => boolean;
  /** Called for every line that functions print, and every line that the platform prints about them. */
  readonly log?: LogListener;
  /** The most sandboxes per function; 4 by default. */
  readonly concurrency?: number;
}

/** A message in a queue, in whatever state. */
export interface PeekedMessage {
  readonly id: string;
  readonly body: string;
  /** String values of the message attributes. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly receiveCount: number;
  /** Milliseconds since 1970. */
  readonly sentAt: number;
  readonly visibleAt: number;
}

/** What SNS has sent to an address, whose owner is to confirm with the token. */
export interface Confirmation {
  readonly topicArn: string;
  readonly endpoint: string;
  readonly token: string;
}

export interface FunctionView extends FunctionStats {
  /** Refuses all invocations, as a reserved concurrency of zero does, or takes them again. */
  throttle(on: boolean): void;
  /** Kills its sandboxes, whatever they are doing. */
  kill(): void;
  /** Invokes it with an event; the answer holds the result's JSON or the function's error. */
  invoke(event: unknown): Promise<InvocationResult>;
}

export interface QueueView {
  readonly name: string;
  readonly url: string;
  readonly arn: string;
  depth(): Depth;
  peek(): PeekedMessage[];
  /** Makes every message visible now: ends all delays and visibility time-outs. */
  makeAllVisible(): void;
}

/** What the template allows, and what of it is needed. */
export interface Permissions {
  /** Everything that it allows to anybody, one action on one resource at a time. */
  grants(): readonly Grant[];
  /** Those without which a request would have been refused so far: no other grant allowed it. */
  needed(): readonly Grant[];
  /** Calls `listener` for each request that only one grant allows; answers the function that stops it. */
  onNeeded(listener: GrantListener): () => void;
  /** The requests that were refused. */
  refusals(): readonly Refusal[];
}

export interface LocalCloud {
  readonly stackName: string;
  /** Where the HTTP API listens. */
  readonly apiUrl: string;
  readonly publicUrl: string;
  readonly endpoints: Endpoints;
  /** Every service at one address, for a client that knows only one (`AWS_ENDPOINT_URL`). */
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  /** The stack's outputs. */
  readonly outputs: Readonly<Record<string, string>>;
  readonly permissions: Permissions;
  /** The environment variables by which any AWS SDK in another process finds this cloud. */
  environment(): Record<string, string>;
  /** How many requests of each kind were made, in all or since an earlier answer. */
  requests(since?: RequestCounts): RequestCounts;
  /** How many requests each route of the HTTP API got, and how many it answered with an error. */
  routes(): Record<string, RouteCounts>;
  /** The metrics that functions printed. */
  metrics(): MetricSum[];
  /** Calls `listener` for every event on any bus, at once; answers the function that stops it. */
  onEvent(listener: EventListener): () => void;
  /** Lets `hook` see every request before it is executed, and interfere; answers the function that stops it. */
  onRequest(hook: RequestHook): () => void;
  functions(): FunctionView[];
  /** The one function whose name contains `part`. @throws Error when there is none, or more than one. */
  function(part: string): FunctionView;
  queues(): QueueView[];
  /** The one queue whose name contains `part`. @throws Error when there is none, or more than one. */
  queue(part: string): QueueView;
  /** What was sent to addresses that have not confirmed yet. */
  confirmations(): readonly Confirmation[];
  /**
   * Does what the one scheduled rule whose name contains `part` does when its time has come; answers what each of its functions
   * came to. @throws Error when there is no such rule, or more than one
   */
  runSchedule(part: string): Promise<InvocationResult[]>;
  /** Resolves when nothing is under way: no request, invocation, batch or unread stream. Delayed messages do not count. */
  idle(): Promise<void>;
  /** Ends everything that was started. */
  stop(): Promise<void>;
}
