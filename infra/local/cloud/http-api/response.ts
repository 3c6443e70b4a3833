/** The responses of an HTTP API: the gateway's own, and those made of a function's result. */

import * as z from 'zod';
import { isJsonObject } from '../json.ts';

export interface HttpApiResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly cookies?: readonly string[];
  readonly body: Buffer;
  /** Why an integration failed. */
  readonly integrationError?: string;
}

/** A response of API Gateway's own: `{"message": …}`. */
export function gatewayResponse(status: number, message: string, integrationError?: string): HttpApiResponse {
  return {
    status,
    headers: { 'content-type': 'application/json' },
    body: Buffer.from(JSON.stringify({ message })),
    ...(integrationError !== undefined && { integrationError }),
  };
}

export const gatewayResponses = {
  badRequest: gatewayResponse(400, 'Bad Request'),
  notFound: gatewayResponse(404, 'Not Found'),
  tooLarge: gatewayResponse(413, 'Request Entity Too Large'),
  tooMany: gatewayResponse(429, 'Too Many Requests'),
  internalError: (why: string) => gatewayResponse(500, 'Internal Server Error', why),
  unavailable: (why: string) => gatewayResponse(503, 'Service Unavailable', why),
};

const structured = z.object({
  statusCode: z.coerce.number().int().min(100).max(599),
  headers: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).nullish(),
  cookies: z.array(z.string()).nullish(),
  body: z.string().nullish(),
  isBase64Encoded: z.boolean().nullish(),
});

/**
 * The response in a function's result (payload format 2.0). A result without `statusCode` is itself the body, as JSON;
 * one of the wrong shape becomes 500.
 */
export function responseOf(payload: string): HttpApiResponse {
  const result: unknown = JSON.parse(payload);
  if (!isJsonObject(result) || !('statusCode' in result)) {
    const body = typeof result === 'string' ? result : payload;
    return { status: 200, headers: { 'content-type': 'application/json' }, body: Buffer.from(body) };
  }
  const parsed = structured.safeParse(result);
  if (!parsed.success)
    return gatewayResponses.internalError(`malformed function result: ${z.prettifyError(parsed.error)}`);
  const { statusCode, headers, cookies, body, isBase64Encoded } = parsed.data;
  return {
    status: statusCode,
    headers: {
      'content-type': 'text/plain; charset=utf-8',
      ...Object.fromEntries(
        Object.entries(headers ?? {}).map(([name, value]) => [name.toLowerCase(), `${value}`]),
      ),
    },
    ...(cookies && { cookies }),
    body: Buffer.from(body ?? '', isBase64Encoded ? 'base64' : 'utf8'),
  };
}
