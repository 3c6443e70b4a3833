/** The servers behind AWS_ENDPOINT_URL_*: one port per service, opened before any resource is created. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type LocalServer, listen } from './aws/http-server.ts';
import { jsonServiceHandler } from './aws/json-service.ts';
import type { CloudState, Endpoints } from './cloud-state.ts';
import { dynamoProxy } from './dynamodb/dynamodb-proxy.ts';
import { eventBridgeService } from './eventbridge/eventbridge-api.ts';
import { arn } from './resources/resource.ts';
import { s3Handler } from './s3/s3-api.ts';
import { secretsService } from './secrets/secrets-api.ts';
import { sqsService } from './sqs/sqs-api.ts';

type Handler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/** Servers that listen already, each waiting for its handler. */
export interface Services {
  readonly endpoints: Endpoints;
  /** Gives every server its handler. */
  serve(cloud: CloudState): void;
  close(): Promise<void>;
}

const NAMES = ['dynamodb', 's3', 'sqs', 'eventbridge', 'secretsmanager'] as const;

/** Opens a port for each service. */
export async function openServices(): Promise<Services> {
  const handlers: Partial<Record<keyof Endpoints, Handler>> = {};
  const servers = new Map<keyof Endpoints, LocalServer>();
  const close = async (): Promise<void> => {
    await Promise.all([...servers.values()].map((server) => server.close()));
  };
  try {
    for (const name of NAMES) {
      servers.set(name, await listen((request, response) => void handlers[name]?.(request, response)));
    }
  } catch (error) {
    await close();
    throw error;
  }
  const urls = [...servers].map(([name, { url }]) => [name, url]);
  return {
    endpoints: Object.fromEntries(urls) as Endpoints,
    serve: (cloud) => Object.assign(handlers, handlersFor(cloud)),
    close,
  };
}

function handlersFor(cloud: CloudState): Record<keyof Endpoints, Handler> {
  const { ledger, credentials, access, failures, tables, partition } = cloud;
  const common = { ledger, credentials, access };
  const urlOf = (queue: { settings: { name: string } }): string =>
    `${cloud.endpoints.sqs}/${cloud.account}/${queue.settings.name}`;
  const onWrite = (): void => {
    for (const mapping of cloud.streamMappings) mapping.poll();
  };
  const ownArns = arn(cloud, 'dynamodb', '');
  const busArn = (name: string): string => arn(cloud, 'events', `event-bus/${name}`);
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
    sqs: jsonServiceHandler(sqsService(cloud.queues, urlOf), common),
    eventbridge: jsonServiceHandler(eventBridgeService(cloud.buses, busArn), common),
    secretsmanager: jsonServiceHandler(secretsService(cloud.secrets, secretArn), common),
  };
}
