/** What the tests of the stand-ins share: a caller of their API and a receiver of their callbacks. */
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Answer = { status: number; headers: Headers; body: Record<string, unknown> };

/** An account name that no other test uses. */
export function newKey(): string {
  return `key-${randomUUID()}`;
}

/** Calls a provider as an account; the answer must be JSON. */
export async function call(url: string, key: string, body?: unknown): Promise<Answer> {
  const response = await fetch(url, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: JSON.parse(text) };
}

export type Receiver = {
  url: string;
  /** Bodies in the order they came, with the time in epoch ms. */
  posts: { body: Record<string, unknown>; raw: Buffer; at: number; path: string }[];
  /** Statuses to answer next; 204 when there are none, never answered when 0. */
  answers: number[];
  close(): Promise<void>;
};

/** A server that receives callbacks. */
export async function openReceiver(): Promise<Receiver> {
  const posts: Receiver['posts'] = [];
  const answers: number[] = [];
  const server = createServer(async (request, response) => {
    const raw = await bytesOf(request);
    posts.push({ body: JSON.parse(raw.toString()), raw, at: Date.now(), path: request.url ?? '' });
    const status = answers.shift() ?? 204;
    if (status !== 0) response.writeHead(status).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    posts,
    answers,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function bytesOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}
