/** An HTTP API: takes requests, finds their route, and lets the route's integration respond. */

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Activity } from '../activity.ts';
import { AwsError, ConnectionDropped } from '../aws/aws-error.ts';
import { OUTSIDE } from '../aws/credentials.ts';
import { readBody } from '../aws/http-server.ts';
import type { RequestLedger } from '../aws/request-ledger.ts';
import type { TokenBucket } from '../aws/token-bucket.ts';
import type { MetricStore } from '../cloudwatch/metric-store.ts';
import type { LogListener } from '../lambda/logs.ts';
import { type CorsConfiguration, preflightResponse, withCors } from './cors.ts';
import { type HttpApiRequest, readRequest } from './request.ts';
import { gatewayResponse, gatewayResponses, type HttpApiResponse } from './response.ts';
import { matchRoute, type RouteMatch, type RoutePattern } from './routes.ts';

export interface Route {
  readonly pattern: RoutePattern;
  readonly integration: Integration;
}

/** Responds to a request once its route is known. */
export type Integration = (
  request: HttpApiRequest,
  routeKey: string,
  parameters: Readonly<Record<string, string>>,
) => Promise<HttpApiResponse>;

/** How many requests a route got, and how many of them it answered with 4xx and 5xx, as the gateway's metrics count. */
export interface RouteCounts {
  readonly requests: number;
  readonly clientErrors: number;
  readonly serverErrors: number;
}

interface HttpApiDependencies {
  readonly ledger: RequestLedger;
  readonly activity: Activity;
  readonly log: LogListener;
  readonly measured: MetricStore;
}

/** API Gateway's limit of a request's body. */
const MAX_BODY_BYTES = 10 * 2 ** 20;
/** Where requests without a route are counted. */
const NO_ROUTE = '(no route)';

export class HttpApi {
  readonly id: string;
  readonly routes: Route[] = [];
  /** By route key; `*` for all others. */
  readonly throttles = new Map<string, TokenBucket>();
  readonly #counts = new Map<string, { requests: number; clientErrors: number; serverErrors: number }>();
  readonly #dependencies: HttpApiDependencies;
  readonly #cors: CorsConfiguration | undefined;
  /** Without a deployed stage every request is answered with 404. */
  deployed = false;

  constructor(id: string, dependencies: HttpApiDependencies, cors?: CorsConfiguration) {
    this.id = id;
    this.#cors = cors;
    this.#dependencies = dependencies;
  }

  counts(): Record<string, RouteCounts> {
    return Object.fromEntries([...this.#counts].map(([key, counts]) => [key, { ...counts }]));
  }

  /** Handles one request. */
  async handle(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const done = this.#dependencies.activity.begin();
    try {
      const body = await readBody(incoming, MAX_BODY_BYTES);
      const request = readRequest(incoming, body ?? Buffer.alloc(0));
      const response = await this.#respond(request, body === undefined);
      write(outgoing, response, request?.id ?? '-');
    } catch (error) {
      if (error instanceof ConnectionDropped) incoming.socket.destroy();
      else if (!outgoing.headersSent) write(outgoing, gatewayResponses.internalError(String(error)), '-');
    } finally {
      done();
    }
  }

  async #respond(request: HttpApiRequest | undefined, isTooLarge: boolean): Promise<HttpApiResponse> {
    const match =
      request && this.deployed ? matchRoute(this.routes, request.method, request.segments) : undefined;
    const response = await this.#responseTo(request, match, isTooLarge);
    const key = match?.route.pattern.key ?? NO_ROUTE;
    this.#count(key, response.status);
    if (response.integrationError !== undefined && response.status >= 500) {
      this.#log(`${key}: ${response.status}, integration error: ${response.integrationError}`);
    }
    return response;
  }

  async #responseTo(
    request: HttpApiRequest | undefined,
    match: RouteMatch<Route> | undefined,
    isTooLarge: boolean,
  ): Promise<HttpApiResponse> {
    if (!request) return gatewayResponses.badRequest;
    if (isTooLarge) return gatewayResponses.tooLarge;
    const preflight = this.#cors && this.deployed && preflightResponse(this.#cors, request);
    if (preflight) return preflight;
    const key = match?.route.pattern.key ?? NO_ROUTE;
    const throttle = this.throttles.get(key) ?? this.throttles.get('*');
    if (throttle && !throttle.admits()) return gatewayResponses.tooMany;
    const { path, body } = request;
    const counted = { service: 'ApiGateway', operation: 'Request', caller: OUTSIDE, path, body } as const;
    try {
      return await this.#dependencies.ledger.run(counted, async () => {
        if (!match) return gatewayResponses.notFound;
        const response = await match.route.integration(request, key, match.parameters);
        return this.#cors ? withCors(this.#cors, request, response) : response;
      });
    } catch (error) {
      // A fault that a request hook asked for, as the gateway would report it.
      if (error instanceof AwsError) return gatewayResponse(error.status, error.message);
      throw error;
    }
  }

  #log(text: string): void {
    const { log } = this.#dependencies;
    log({ time: Date.now(), functionName: 'ApiGateway', requestId: undefined, source: 'platform', text });
  }

  #count(key: string, status: number): void {
    const counts = this.#counts.get(key) ?? { requests: 0, clientErrors: 0, serverErrors: 0 };
    this.#counts.set(key, counts);
    counts.requests += 1;
    if (status >= 500) counts.serverErrors += 1;
    else if (status >= 400) counts.clientErrors += 1;
    this.#measure('Count', 1);
    this.#measure('4xx', status >= 400 && status < 500 ? 1 : 0);
    this.#measure('5xx', status >= 500 ? 1 : 0);
  }

  #measure(name: string, value: number): void {
    const dimensions = { ApiId: this.id };
    this.#dependencies.measured.record({ namespace: 'AWS/ApiGateway', name, dimensions }, value);
  }
}

function write(outgoing: ServerResponse, response: HttpApiResponse, requestId: string): void {
  for (const [name, value] of Object.entries(response.headers)) outgoing.setHeader(name, value);
  if (response.cookies?.length) outgoing.setHeader('set-cookie', [...response.cookies]);
  outgoing.setHeader('apigw-requestid', requestId);
  outgoing.setHeader('content-length', response.body.length);
  outgoing.writeHead(response.status);
  outgoing.end(response.body);
}
