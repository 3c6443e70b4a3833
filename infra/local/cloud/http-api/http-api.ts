// An HTTP API: takes requests at its door, finds the route, and lets the route's integration answer.

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Activity } from '../activity.ts';
import { AwsError, ConnectionDropped } from '../aws/aws-error.ts';
import { OUTSIDE } from '../aws/credentials.ts';
import { readBody } from '../aws/http-server.ts';
import type { RequestLedger } from '../aws/request-ledger.ts';
import { type DoorRequest, doorRequest } from './read-request.ts';
import { matchRoute, type RoutePattern } from './routes.ts';
import type { Throttle } from './throttle.ts';
import { answers, type DoorAnswer, ownAnswer } from './write-answer.ts';

export interface Route {
  readonly pattern: RoutePattern;
  readonly integration: Integration;
}

/** What answers a request once its route is known. */
export type Integration = (
  request: DoorRequest,
  routeKey: string,
  parameters: Readonly<Record<string, string>>,
) => Promise<DoorAnswer>;

/** How often a route refused: answers of 4xx and 5xx, as the gateway's metrics count them. */
export interface RouteCounts {
  readonly requests: number;
  readonly clientErrors: number;
  readonly serverErrors: number;
}

interface Surroundings {
  readonly ledger: RequestLedger;
  readonly activity: Activity;
}

/** API Gateway's limit of a request's body. */
const MAX_BODY_BYTES = 10 * 2 ** 20;
/** What requests without a route are counted under. */
const NO_ROUTE = '(no route)';

export class HttpApi {
  readonly id: string;
  readonly routes: Route[] = [];
  /** By route key; `*` for all others. */
  readonly throttles = new Map<string, Throttle>();
  readonly #counts = new Map<string, { requests: number; clientErrors: number; serverErrors: number }>();
  readonly #around: Surroundings;
  /** Without a deployed stage nothing answers. */
  deployed = false;

  constructor(id: string, around: Surroundings) {
    this.id = id;
    this.#around = around;
  }

  counts(): Record<string, RouteCounts> {
    return Object.fromEntries([...this.#counts].map(([key, counts]) => [key, { ...counts }]));
  }

  /** Answers one request. */
  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const done = this.#around.activity.begin();
    try {
      const body = await readBody(request, MAX_BODY_BYTES);
      const [answer, requestId] = await this.#answer(request, body);
      respond(response, answer, requestId);
    } catch (error) {
      if (error instanceof ConnectionDropped) request.socket.destroy();
      else if (!response.headersSent) respond(response, answers.internalError(String(error)), '-');
    } finally {
      done();
    }
  }

  async #answer(incoming: IncomingMessage, body: Buffer | undefined): Promise<[DoorAnswer, string]> {
    const request = doorRequest(incoming, body ?? Buffer.alloc(0));
    const match =
      request && this.deployed ? matchRoute(this.routes, request.method, request.segments) : undefined;
    const key = match?.route.pattern.key ?? NO_ROUTE;
    const answer = await this.#admit(request, key, body === undefined, async (admitted) =>
      match ? match.route.integration(admitted, key, match.parameters) : answers.notFound,
    );
    this.#count(key, answer.status);
    return [answer, request?.id ?? '-'];
  }

  async #admit(
    request: DoorRequest | undefined,
    key: string,
    tooLarge: boolean,
    integrate: (request: DoorRequest) => Promise<DoorAnswer>,
  ): Promise<DoorAnswer> {
    if (!request) return answers.badRequest;
    if (tooLarge) return answers.tooLarge;
    const throttle = this.throttles.get(key) ?? this.throttles.get('*');
    if (throttle && !throttle.admits()) return answers.tooMany;
    const counted = {
      service: 'ApiGateway',
      operation: 'Request',
      caller: OUTSIDE,
      path: request.path,
    } as const;
    return this.#around.ledger
      .run({ ...counted, body: request.body }, () => integrate(request))
      .catch(faultAnswer);
  }

  #count(key: string, status: number): void {
    const counts = this.#counts.get(key) ?? { requests: 0, clientErrors: 0, serverErrors: 0 };
    this.#counts.set(key, counts);
    counts.requests += 1;
    if (status >= 500) counts.serverErrors += 1;
    else if (status >= 400) counts.clientErrors += 1;
  }
}

/** What a hook asked for, as the gateway would say it. */
function faultAnswer(error: unknown): DoorAnswer {
  if (error instanceof AwsError) return ownAnswer(error.status, error.message);
  throw error;
}

function respond(response: ServerResponse, answer: DoorAnswer, requestId: string): void {
  for (const [name, value] of Object.entries(answer.headers)) response.setHeader(name, value);
  if (answer.cookies?.length) response.setHeader('set-cookie', [...answer.cookies]);
  response.setHeader('apigw-requestid', requestId);
  response.setHeader('content-length', answer.body.length);
  response.writeHead(answer.status);
  response.end(answer.body);
}
