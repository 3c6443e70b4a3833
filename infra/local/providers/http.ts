/** HTTP as the stand-ins need it: read a request whole, and answer it well, badly or not at all. */
import type { IncomingMessage, ServerResponse } from 'node:http';

export type Received = {
  method: string;
  path: string;
  query: URLSearchParams;
  headers: NodeJS.Dict<string | string[]>;
  /** Undefined when it was larger than the limit. */
  body: Buffer | undefined;
};

export type Reply =
  | { status: number; headers?: Record<string, string>; body: unknown; cut?: boolean }
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

/** Sends the reply. A Buffer or string goes as it is, anything else as JSON; `cut` sends half and closes. */
export function reply(response: ServerResponse, answer: Reply): void {
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
  if (!answer.cut) {
    response.end(body);
    return;
  }
  response.write(body.subarray(0, Math.floor(body.length / 2)), () => response.socket?.destroy());
}

/** The key of `Authorization: Bearer <key>`, or undefined. */
export function bearerKey(headers: Received['headers']): string | undefined {
  const header = headers.authorization;
  const match = typeof header === 'string' ? /^Bearer (\S+)$/.exec(header) : null;
  return match?.[1];
}
