/** Real HTTP servers whose every answer a test writes itself. */
import { once } from 'node:events';
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import net, { type AddressInfo, type Socket } from 'node:net';
import { freePort } from './free-port.ts';

export interface Seen {
  readonly method: string;
  readonly path: string;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: string;
}

export interface ScriptedServer {
  readonly url: string;
  /** Every request in the order they came. */
  readonly seen: Seen[];
  close(): Promise<void>;
}

/** What to answer: the whole response as a value, or a function that writes it. */
export type Answer =
  | { status?: number; headers?: http.OutgoingHttpHeaders; body?: string | Buffer; json?: unknown }
  | ((response: ServerResponse, request: IncomingMessage) => void);

/** A server on loopback; `answer` is asked for each request, with what was seen so far (this request included). */
export async function serve(answer: (seen: Seen, count: number) => Answer): Promise<ScriptedServer> {
  const seen: Seen[] = [];
  const server = http.createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const one = {
      method: request.method ?? '',
      path: request.url ?? '',
      headers: request.headers,
      body: Buffer.concat(chunks).toString(),
    };
    seen.push(one);
    write(answer(one, seen.length), response, request);
  });
  return { seen, ...(await listening(server)) };
}

function write(answer: Answer, response: ServerResponse, request: IncomingMessage): void {
  if (typeof answer === 'function') {
    answer(response, request);
    return;
  }
  const { status = 200, headers = {}, json, body = json === undefined ? '' : JSON.stringify(json) } = answer;
  response.writeHead(status, headers).end(body);
}

/** A server that speaks raw bytes once it was spoken to: for answers that no HTTP library would give. */
export async function serveRaw(speak: (socket: Socket) => void): Promise<Omit<ScriptedServer, 'seen'>> {
  return listening(
    net.createServer((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', () => speak(socket));
    }),
  );
}

/** An address where nobody listens, nor will: its port is none that the system gives to the next server. */
export const nobody = async (): Promise<string> => `http://127.0.0.1:${await freePort()}`;

async function listening(server: net.Server) {
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => sockets.add(socket.once('close', () => sockets.delete(socket))));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
