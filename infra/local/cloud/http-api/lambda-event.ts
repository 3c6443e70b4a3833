/** The event that API Gateway makes of a request, in payload format 2.0. */

import type { HttpApiRequest } from './request.ts';
import { queryParameters } from './request.ts';

/** The API that a request came to. */
export interface ApiIdentity {
  readonly apiId: string;
  readonly account: string;
}

/** Bodies of these types arrive as strings, all others (also forms, and those without a type) in base64. */
const TEXT_TYPES = /^(text\/.*|application\/(json|javascript|xml|.+\+json|.+\+xml))$/i;

/** The JSON of the event. */
export function lambdaEvent(
  request: HttpApiRequest,
  routeKey: string,
  parameters: Readonly<Record<string, string>>,
  api: ApiIdentity,
): string {
  const type = (request.headers['content-type'] ?? '').split(';')[0]?.trim() ?? '';
  const isText = TEXT_TYPES.test(type);
  const query = queryParameters(request.rawQuery);
  return JSON.stringify({
    version: '2.0',
    routeKey,
    rawPath: request.path,
    rawQueryString: request.rawQuery,
    ...(request.cookies.length > 0 && { cookies: request.cookies }),
    headers: forwardedHeaders(request),
    ...(Object.keys(query).length > 0 && { queryStringParameters: query }),
    requestContext: requestContext(request, routeKey, api),
    ...(Object.keys(parameters).length > 0 && { pathParameters: parameters }),
    ...(request.body.length > 0 && { body: request.body.toString(isText ? 'utf8' : 'base64') }),
    isBase64Encoded: request.body.length > 0 && !isText,
  });
}

function forwardedHeaders(request: HttpApiRequest): Record<string, string> {
  const [host, port = '80'] = request.host.split(':');
  return {
    ...request.headers,
    'content-length': String(request.body.length),
    host: host ?? '',
    'x-forwarded-for': request.sourceIp,
    'x-forwarded-port': port,
    'x-forwarded-proto': 'http',
  };
}

function requestContext(request: HttpApiRequest, routeKey: string, api: ApiIdentity) {
  const domainName = request.host.split(':')[0] ?? '';
  return {
    accountId: api.account,
    apiId: api.apiId,
    domainName,
    domainPrefix: domainName.split('.')[0],
    http: {
      method: request.method,
      path: request.path,
      protocol: request.protocol,
      sourceIp: request.sourceIp,
      userAgent: request.headers['user-agent'] ?? '',
    },
    requestId: request.id,
    routeKey,
    stage: '$default',
    time: commonLogTime(request.time),
    timeEpoch: request.time.getTime(),
  };
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** `21/Nov/2026:05:12:23 +0000` */
export function commonLogTime(time: Date): string {
  const [date = '', clock = ''] = time.toISOString().split('T');
  const [year, month, day] = date.split('-');
  return `${day}/${MONTHS[Number(month) - 1]}/${year}:${clock.slice(0, 8)} +0000`;
}
