/**
 * The servers behind AWS_ENDPOINT_URL_*: one port per service, opened before any resource is created; and one for all of
 * them, as AWS_ENDPOINT_URL, which tells them apart by what a request is signed for.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type LocalServer, listen } from './aws/http-server.ts';
import { jsonServiceHandler } from './aws/json-service.ts';
import { queryServiceHandler } from './aws/query-service.ts';
import type { CloudState, Endpoints } from './cloud-state.ts';
import { cloudWatchService } from './cloudwatch/cloudwatch-api.ts';
import { dynamoProxy } from './dynamodb/dynamodb-proxy.ts';
import { eventBridgeService } from './eventbridge/eventbridge-api.ts';
import { lambdaApi } from './lambda/lambda-api.ts';
import { arn } from './resources/resource.ts';
import { s3Handler } from './s3/s3-api.ts';
import { secretsService } from './secrets/secrets-api.ts';
import { snsService } from './sns/sns-api.ts';
import { sqsService } from './sqs/sqs-api.ts';

type Handler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/** Servers that listen already, each waiting for its handler. */
export interface Services {
  readonly endpoints: Endpoints;
  /** Every service at one address. */
  readonly endpoint: string;
  /** Gives every server its handler. */
  serve(cloud: CloudState): void;
  close(): Promise<void>;
}

const NAMES = [
  'cloudwatch',
  'dynamodb',
  'eventbridge',
  'lambda',
  's3',
  'secretsmanager',
  'sns',
  'sqs',
] as const;

/** Opens a port for each service. */
export async function openServices(): Promise<Services> {
  const handlers: Partial<Record<keyof Endpoints, Handler>> = {};
  const servers = new Map<keyof Endpoints, LocalServer>();
  const forAll: LocalServer[] = [];
  const close = async (): Promise<void> => {
    await Promise.all([...servers.values(), ...forAll].map((server) => server.close()));
  };
  try {
    for (const name of NAMES) {
      servers.set(name, await listen((request, response) => void handlers[name]?.(request, response)));
    }
    forAll.push(await listen((request, response) => dispatch(handlers, request, response)));
  } catch (error) {
    await close();
    throw error;
  }
  const urls = [...servers].map(([name, { url }]) => [name, url]);
  return {
    endpoints: Object.fromEntries(urls) as Endpoints,
    endpoint: forAll[0]!.url,
    serve: (cloud) => Object.assign(handlers, handlersFor(cloud)),
    close,
  };
}

/** By the service in the credential scope of the signature (Signature Version 4, "Elements of a request signature"). */
const BY_SCOPE: Readonly<Record<string, keyof Endpoints>> = {
  dynamodb: 'dynamodb',
  events: 'eventbridge',
  lambda: 'lambda',
  monitoring: 'cloudwatch',
  s3: 's3',
  secretsmanager: 'secretsmanager',
  sns: 'sns',
  sqs: 'sqs',
};

function dispatch(
  handlers: Partial<Record<keyof Endpoints, Handler>>,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const signed = `${request.headers.authorization ?? ''} ${(request.url ?? '').replaceAll('%2F', '/')}`;
  const scope = /Credential=[^/\s]+\/\d{8}\/[^/]+\/([^/]+)\/aws4_request/.exec(signed)?.[1] ?? '';
  const name = BY_SCOPE[scope];
  if (name) void handlers[name]?.(request, response);
  else {
    const known = Object.keys(BY_SCOPE).join(', ');
    response.writeHead(400, { 'content-type': 'application/json' });
    response.end(
      JSON.stringify({
        __type: 'UnknownService',
        message: `the request must be signed for one of ${known}${scope && `, not for ${scope}`}`,
      }),
    );
  }
}

function handlersFor(cloud: CloudState): Record<keyof Endpoints, Handler> {
  const { ledger, credentials, access, failures, tables, partition, queues, buses, policies } = cloud;
  const common = { ledger, credentials, access };
  const urlOf = (queue: { settings: { name: string } }): string =>
    `${cloud.endpoints.sqs}/${cloud.account}/${queue.settings.name}`;
  const onWrite = (): void => {
    for (const source of cloud.eventSources) source.poll();
  };
  const ownArns = arn(cloud, 'dynamodb', '');
  const eventsArn = (resource: string): string => arn(cloud, 'events', resource);
  const queueArn = (name: string): string => arn(cloud, 'sqs', name);
  const secretArn = (name: string): string => arn(cloud, 'secretsmanager', `secret:${name}`);
  return {
    dynamodb: dynamoProxy({
      ...common,
      upstream: cloud.dynamo,
      failures,
      tables,
      ownArns,
      onWrite,
    }),
    s3: s3Handler({ ...common, store: cloud.objects, partition }),
    sqs: jsonServiceHandler(sqsService({ queues, policies, arnOf: queueArn }, urlOf), common),
    eventbridge: jsonServiceHandler(eventBridgeService({ buses, queues, arnOf: eventsArn }), common),
    cloudwatch: jsonServiceHandler(
      cloudWatchService({
        metrics: cloud.measured,
        alarms: cloud.alarms,
        sample: () => cloud.queueMetrics.sample(),
        arnOf: (resource) => arn(cloud, 'cloudwatch', resource),
      }),
      common,
    ),
    lambda: lambdaApi(cloud.eventSources, common),
    sns: queryServiceHandler(snsService(cloud.subscriptions, cloud.account), common),
    secretsmanager: jsonServiceHandler(secretsService(cloud.secrets, secretArn), common),
  };
}
