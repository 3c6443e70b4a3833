/** The servers behind AWS_ENDPOINT_URL_*: one port per service, opened before any resource is created. */

import type { IncomingMessage, ServerResponse } from 'node:http';
import { type LocalServer, listen } from './aws/http-server.ts';
import { jsonServiceHandler } from './aws/json-service.ts';
import type { CloudState, Endpoints } from './cloud-state.ts';
import { dynamoProxy } from './dynamodb/dynamodb-proxy.ts';
import { eventBridgeService } from './eventbridge/eventbridge-api.ts';
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

/** Opens a port for each service. */
export async function openServices(): Promise<Services> {
  const handlers: Partial<Record<keyof Endpoints, Handler>> = {};
  const open = (service: keyof Endpoints): Promise<LocalServer> =>
    listen((request, response) => void handlers[service]?.(request, response));
  const [dynamodb, s3, sqs, eventbridge, secretsmanager] = await Promise.all([
    ...[open('dynamodb'), open('s3'), open('sqs'), open('eventbridge'), open('secretsmanager')],
  ] as const);
  const servers = { dynamodb, s3, sqs, eventbridge, secretsmanager } as Record<keyof Endpoints, LocalServer>;
  const endpoints = Object.fromEntries(
    Object.entries(servers).map(([service, server]) => [service, server.url]),
  ) as unknown as Endpoints;
  return {
    endpoints,
    serve: (cloud) => Object.assign(handlers, handlersFor(cloud)),
    close: async () => {
      await Promise.all(Object.values(servers).map((server) => server.close()));
    },
  };
}

function handlersFor(cloud: CloudState): Record<keyof Endpoints, Handler> {
  const { ledger, credentials, region } = cloud;
  const urlOf = (queue: { settings: { name: string } }): string =>
    `${cloud.endpoints.sqs}/${cloud.account}/${queue.settings.name}`;
  const onWrite = (): void => {
    for (const mapping of cloud.streamMappings) mapping.poll();
  };
  return {
    dynamodb: dynamoProxy({ upstream: cloud.dynamo, ledger, credentials, region, onWrite }),
    s3: s3Handler({ store: cloud.objects, ledger, credentials }),
    sqs: jsonServiceHandler(sqsService(cloud.queues, urlOf), ledger, credentials),
    eventbridge: jsonServiceHandler(eventBridgeService(cloud.buses), ledger, credentials),
    secretsmanager: jsonServiceHandler(secretsService(cloud.secrets), ledger, credentials),
  };
}
