/** One provider on one port: its documented routes, its files, and the control routes under /_stand-in/. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { control, isControl } from './control/routes.ts';
import { create } from './create.ts';
import { isFile, serveFile } from './files.ts';
import { bearerKey, type Received, type Reply, receive, reply } from './http.ts';
import type { Settings } from './options.ts';
import { type ProviderProtocol, Refusal } from './protocol.ts';
import { newProviderState, type ProviderState } from './provider-state.ts';
import { read } from './read.ts';

const keepAliveMs = 120_000;

/** A running provider; `close` drops its connections and tasks. */
export type Provider = { url: string; close(): Promise<void> };

/** Starts the provider. Rejects when the port is taken. */
export async function startProvider(
  protocol: ProviderProtocol,
  settings: Settings,
  port: number,
): Promise<Provider> {
  const closing = new AbortController();
  const state = newProviderState(protocol, settings, closing.signal);
  const server = createServer(async (request, response) => {
    try {
      await reply(response, await answer(await receive(request, protocol.bodyLimit), state));
    } catch (error) {
      // A client that went away in the middle of its request needs no answer; anything else is a fault of ours.
      if (request.complete && !response.headersSent)
        await reply(response, { status: 500, body: { standIn: String(error) } });
    }
  });
  // Longer than clients keep a connection: one closed under a request would look like a fault.
  server.keepAliveTimeout = keepAliveMs;
  await listen(server, port);
  state.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: state.url,
    async close() {
      closing.abort();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function answer(received: Received, state: ProviderState): Promise<Reply> {
  if (isControl(received.path)) return control(received, state);
  if (isFile(received.path)) return serveFile(received, state);
  const { clock } = state.settings;
  const at = clock();
  const started = performance.now();
  const bearer = bearerKey(received.headers);
  const result = await providerReply(received, bearer, state);
  const status = typeof result === 'string' ? result : result.status;
  const { authorization: _, ...headers } = received.headers;
  const ms = Math.round(performance.now() - started);
  const { method, path } = received;
  state.journal.request({
    key: state.accounts.of(bearer),
    method,
    path,
    headers,
    body: shown(received.body),
    at,
    status,
    ms,
  });
  state.log(`${method} ${path} ${status} in ${ms} ms`);
  return result;
}

async function providerReply(
  received: Received,
  bearer: string | undefined,
  state: ProviderState,
): Promise<Reply> {
  const { protocol, accounts } = state;
  const phase = received.method === 'POST' ? 'create' : 'read';
  try {
    const status = accounts.refusal(bearer);
    if (bearer === undefined || status !== undefined) {
      throw new Refusal(status ?? 401, protocol.codeFor(status ?? 401, phase), 'Invalid or missing API key.');
    }
    const caller = { account: accounts.of(bearer) ?? bearer, bearer };
    if (received.method === 'POST' && received.path === protocol.createPath) {
      return await create(received, caller, state);
    }
    if (received.method === 'GET' && received.path.startsWith(protocol.readPath)) {
      return await read(received, caller, state);
    }
    throw new Refusal(404, 'not_found', `No such route: ${received.method} ${received.path}`);
  } catch (error) {
    if (error instanceof Refusal) return { status: error.status, body: protocol.error(error) };
    throw error;
  }
}

/** A body for the journal: parsed when it is JSON. */
function shown(body: Buffer | undefined): unknown {
  const text = body?.toString() ?? '';
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
}
