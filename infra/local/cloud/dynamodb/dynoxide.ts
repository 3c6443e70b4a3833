// Runs dynoxide, the DynamoDB server, as a child that cannot outlive this process.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { type AddressInfo, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

export interface DynamoServer {
  readonly url: string;
  stop(): Promise<void>;
}

// The server watches nobody, so a shell does: it ends the server when our end of its standard input closes, which
// the kernel sees to even when this process is killed. Standard input is passed on as 3, because a shell gives
// /dev/null to what it starts in the background.
const GUARD =
  'exec 3<&0; "$@" 3<&- </dev/null & server=$!; { read -r _ <&3; kill "$server"; } & wait "$server"';

const READY_WITHIN_MS = 5_000;

/**
 * Starts dynoxide on a free port, or takes the server named by WANHOOK_DYNAMODB_ENDPOINT instead.
 * @param file the database file; undefined keeps everything in memory
 * @throws Error when there is no binary for this system, or it does not start.
 */
export async function startDynamoServer(file: string | undefined): Promise<DynamoServer> {
  const elsewhere = process.env.WANHOOK_DYNAMODB_ENDPOINT;
  if (elsewhere) return { url: elsewhere.replace(/\/$/, ''), stop: async () => undefined };
  const port = await freePort();
  const storage = file ? ['--db-path', file] : [];
  const command = [binary(), 'serve', '--port', String(port), ...storage];
  const child = spawn('/bin/sh', ['-c', GUARD, 'sh', ...command], { stdio: ['pipe', 'ignore', 'pipe'] });
  const url = `http://127.0.0.1:${port}`;
  await ready(child, url);
  return { url, stop: () => stop(child) };
}

function binary(): string {
  try {
    return createRequire(import.meta.url).resolve('@dynoxide/linux-x64/dynoxide');
  } catch (cause) {
    throw new Error(
      `there is no DynamoDB server for ${process.platform}-${process.arch}: dynoxide is installed on linux-x64 only. ` +
        'Start another one (DynamoDB Local, for example) and put its address in WANHOOK_DYNAMODB_ENDPOINT.',
      { cause },
    );
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function ready(child: ChildProcess, url: string): Promise<void> {
  let complaints = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    complaints = (complaints + chunk.toString()).slice(-2000);
  });
  const deadline = Date.now() + READY_WITHIN_MS;
  while (Date.now() < deadline && child.exitCode === null) {
    const answer = await fetch(url).catch(() => undefined);
    await answer?.body?.cancel();
    if (answer) return;
    await sleep(10);
  }
  child.stdin?.end();
  throw new Error(`dynoxide did not start: ${complaints.trim() || `no answer within ${READY_WITHIN_MS} ms`}`);
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  child.stdin?.end();
  await once(child, 'exit');
}
