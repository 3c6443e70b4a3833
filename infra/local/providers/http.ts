/** HTTP as the stand-ins need it: read a request whole, and answer it well, badly or not at all. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';

export type Received = {
  method: string;
  path: string;
  query: URLSearchParams;
  headers: NodeJS.Dict<string | string[]>;
  /** Undefined when it was larger than the limit. */
  body: Buffer | undefined;
};

export type Reply =
  | {
      status: number;
      headers?: Record<string, string>;
      body: unknown;
      /** Half of it is sent, then the connection closes. */
      cut?: boolean;
      /** So many bytes at a time, with a pause between. */
      drip?: { bytes: number; everyMs: number };
    }
  /** Never answered. */
  | 'hang'
  /** The connection is closed without an answer. */
  | 'drop';

/** Reads the request to its end; a body over `limit` bytes is read and forgotten, so that the answer gets through. */
export async function receive(request: IncomingMessage, limit: number): Promise<Received> {
  const url = new URL(request.url ?? '/', 'http://stand-in.invalid');
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes <= limit) chunks.push(chunk);
  }
  return {
    method: request.method ?? 'GET',
    path: url.pathname,
    query: url.searchParams,
    headers: request.headers,
    body: bytes <= limit ? Buffer.concat(chunks) : undefined,
  };
}

/** Sends the reply. A Buffer or string goes as it is, anything else as JSON. */
export async function reply(response: ServerResponse, answer: Reply): Promise<void> {
  if (answer === 'hang') return;
  if (answer === 'drop') {
    response.socket?.destroy();
    return;
  }
  const raw = Buffer.isBuffer(answer.body) || typeof answer.body === 'string';
  const body = Buffer.from(raw ? (answer.body as Buffer | string) : JSON.stringify(answer.body));
  response.writeHead(answer.status, {
    'content-type': 'application/json',
    'content-length': String(body.length),
    ...answer.headers,
  });
  if (answer.cut) {
    response.write(body.subarray(0, Math.floor(body.length / 2)), () => response.socket?.destroy());
    return;
  }
  if (answer.drip !== undefined) await dripOut(response, body, answer.drip);
  response.end(answer.drip === undefined ? body : undefined);
}

/** Ends early when the client goes away. */
async function dripOut(
  response: ServerResponse,
  body: Buffer,
  { bytes, everyMs }: { bytes: number; everyMs: number },
): Promise<void> {
  for (let from = 0; from < body.length && !response.destroyed; from += bytes) {
    response.write(body.subarray(from, from + bytes));
    await delay(everyMs);
  }
}

/** The key of `Authorization: Bearer <key>`, or undefined. */
export function bearerKey(headers: Received['headers']): string | undefined {
  const header = headers.authorization;
  const match = typeof header === 'string' ? /^Bearer (\S+)$/.exec(header) : null;
  return match?.[1];
}
