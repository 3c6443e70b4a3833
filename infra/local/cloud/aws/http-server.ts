/** The HTTP server under every local service: loopback, keep-alive, no waiting for small packets. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface LocalServer {
  readonly url: string;
  readonly port: number;
  close(): Promise<void>;
}

export type RequestHandler = (request: IncomingMessage, response: ServerResponse) => void;

// Far longer than any SDK keeps an idle socket, so that it is never the server that closes one just being used.
const KEEP_ALIVE_MS = 10 * 60_000;

/**
 * Listens on 127.0.0.1 at `port` (0: any free one).
 * @throws Error when the port is taken.
 */
export async function listen(
  handler: RequestHandler,
  port = 0,
  options: { maxHeaderSize?: number } = {},
): Promise<LocalServer> {
  const server = createServer(
    { keepAliveTimeout: KEEP_ALIVE_MS, requestTimeout: 0, noDelay: true, ...options },
    handler,
  );
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) => {
      reject(new Error(`cannot listen on 127.0.0.1:${port}: ${cause.message}`, { cause }));
    });
    server.listen(port, '127.0.0.1', resolve);
  });
  const actual = (server.address() as AddressInfo).port;
  return {
    url: `http://127.0.0.1:${actual}`,
    port: actual,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Reads a request's whole body; undefined when it is longer than `limit` bytes (the rest is discarded). */
export function readBody(
  request: IncomingMessage,
  limit = Number.POSITIVE_INFINITY,
): Promise<Buffer | undefined> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    request.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length <= limit) chunks.push(chunk);
      else chunks.length = 0;
    });
    request.on('end', () => {
      const only = chunks.length === 1 ? chunks[0] : undefined;
      resolve(length > limit ? undefined : (only ?? Buffer.concat(chunks)));
    });
    request.on('error', reject);
  });
}
