/** A request as the HTTP API has read it, before any integration gets it. */

import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

export interface HttpApiRequest {
  readonly id: string;
  readonly method: string;
  /** Decoded. */
  readonly path: string;
  readonly segments: readonly string[];
  /** As it came, without the question mark. */
  readonly rawQuery: string;
  /** Lower-case names; the values of a repeated header joined by commas. No cookies. */
  readonly headers: Readonly<Record<string, string>>;
  readonly cookies: readonly string[];
  readonly sourceIp: string;
  readonly host: string;
  readonly protocol: string;
  readonly time: Date;
  readonly body: Buffer;
}

/** Reads a request whose body has come; undefined when the path cannot be decoded. */
export function readRequest(request: IncomingMessage, body: Buffer): HttpApiRequest | undefined {
  const [rawPath = '/', ...query] = (request.url ?? '/').split('?');
  // Split before decoding: an encoded slash is part of a segment.
  const segments = rawPath.slice(1).split('/').map(decoded);
  if (segments.includes(undefined)) return undefined;
  const { cookie, ...headers } = joinedHeaders(request.rawHeaders);
  return {
    // 16 characters, as API Gateway's own.
    id: randomBytes(11).toString('base64'),
    method: request.method ?? 'GET',
    path: `/${segments.join('/')}`,
    segments: segments as string[],
    rawQuery: query.join('?'),
    headers,
    cookies: cookie ? cookie.split(/;\s*/) : [],
    sourceIp: request.socket.remoteAddress ?? '127.0.0.1',
    host: request.headers.host ?? '',
    protocol: `HTTP/${request.httpVersion}`,
    time: new Date(),
    body,
  };
}

function decoded(part: string): string | undefined {
  try {
    return decodeURIComponent(part);
  } catch {
    return undefined;
  }
}

function joinedHeaders(raw: readonly string[]): Record<string, string> {
  const headers: Record<string, string> = {};
  for (let index = 0; index < raw.length; index += 2) {
    const name = (raw[index] as string).toLowerCase();
    const value = raw[index + 1] as string;
    // Headers of one hop, which the gateway does not forward.
    if (name === 'connection' || name === 'transfer-encoding' || name === 'keep-alive') continue;
    const separator = name === 'cookie' ? '; ' : ',';
    headers[name] = name in headers ? `${headers[name]}${separator}${value}` : value;
  }
  return headers;
}

/** Query parameters, decoded; the values of a repeated one joined by commas. */
export function queryParameters(rawQuery: string): Record<string, string> {
  const parameters: Record<string, string> = {};
  for (const [name, value] of new URLSearchParams(rawQuery)) {
    parameters[name] = Object.hasOwn(parameters, name) ? `${parameters[name]},${value}` : value;
  }
  return parameters;
}
