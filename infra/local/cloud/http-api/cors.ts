/**
 * CORS of an HTTP API, as it is configured: the gateway answers preflight requests itself, and writes the headers of what an
 * integration answered (API Gateway developer guide, "Configure CORS for HTTP APIs").
 */
import * as z from 'zod';
import type { HttpApiRequest } from './request.ts';
import type { HttpApiResponse } from './response.ts';

/** `CorsConfiguration` of AWS::ApiGatewayV2::Api. Origins are compared as they are: patterns are not known here. */
export const corsConfiguration = z.strictObject({
  AllowOrigins: z.array(z.union([z.literal('*'), z.string().regex(/^https?:\/\/[^*/]+$/)])).default([]),
  AllowMethods: z.array(z.string()).default([]),
  AllowHeaders: z.array(z.string()).default([]),
  ExposeHeaders: z.array(z.string()).default([]),
  AllowCredentials: z.boolean().default(false),
  MaxAge: z.int().min(-1).max(86_400).optional(),
});
export type CorsConfiguration = z.output<typeof corsConfiguration>;

/** @returns the answer to a preflight request; nothing when the request is none */
export function preflightResponse(
  cors: CorsConfiguration,
  { method, headers }: HttpApiRequest,
): HttpApiResponse | undefined {
  const isPreflight = method === 'OPTIONS' && headers.origin && headers['access-control-request-method'];
  if (!isPreflight) return undefined;
  const origin = allowedOrigin(cors, headers.origin);
  const allowed = origin && {
    'access-control-allow-origin': origin,
    ...named('access-control-allow-methods', cors.AllowMethods),
    ...named('access-control-allow-headers', cors.AllowHeaders),
    ...(cors.MaxAge !== undefined && { 'access-control-max-age': String(cors.MaxAge) }),
    ...credentials(cors),
  };
  return { status: 204, headers: { ...allowed }, body: Buffer.alloc(0) };
}

/** The integration's own headers of CORS do not count. */
export function withCors(
  cors: CorsConfiguration,
  { headers }: HttpApiRequest,
  response: HttpApiResponse,
): HttpApiResponse {
  const others = Object.entries(response.headers).filter(([name]) => !name.startsWith('access-control-'));
  const origin = allowedOrigin(cors, headers.origin);
  const allowed = origin && {
    'access-control-allow-origin': origin,
    ...named('access-control-expose-headers', cors.ExposeHeaders),
    ...credentials(cors),
  };
  return { ...response, headers: { ...Object.fromEntries(others), ...allowed } };
}

function allowedOrigin({ AllowOrigins }: CorsConfiguration, origin = ''): string | undefined {
  if (!origin) return undefined;
  if (AllowOrigins.includes('*')) return '*';
  return AllowOrigins.find((one) => one === origin);
}

const named = (header: string, values: readonly string[]): Record<string, string> =>
  values.length > 0 ? { [header]: values.join(',') } : {};

const credentials = ({ AllowCredentials }: CorsConfiguration): Record<string, string> =>
  AllowCredentials ? { 'access-control-allow-credentials': 'true' } : {};
