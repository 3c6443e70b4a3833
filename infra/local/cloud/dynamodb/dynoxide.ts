/** Runs dynoxide, the embedded DynamoDB server, as a child that cannot outlive this process. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../aws/free-port.ts';

export interface DynamoServer {
  readonly url: string;
  stop(): Promise<void>;
}

export interface DynamoServerOptions {
  /** The embedded server's database file; without one it keeps everything in memory. */
  readonly file?: string | undefined;
  /** The address of another server, which is used instead of the embedded one. */
  readonly endpoint?: string | undefined;
  /** Told when the embedded server ends before it is stopped. */
  readonly onEnd?: (how: string) => void;
}

const PACKAGE = '@dynoxide/linux-x64/dynoxide';

// The server watches nobody, so a shell does: it ends the server when our end of its standard input closes, which
// the kernel sees to even when this process is killed. Standard input is passed on as 3, because a shell gives
// /dev/null to what it starts in the background. When the server ends by itself, so does the shell, with its status.
const GUARD = [
  'umask 077',
  'exec 3<&0',
  '"$@" 3<&- </dev/null & server=$!',
  '{ read -r _ <&3; kill "$server"; } & watch=$!',
  'wait "$server"; status=$?',
  'kill "$watch" 2>/dev/null',
  'exit "$status"',
].join('\n');

const READY_WITHIN_MS = 30_000;
const KEPT_OUTPUT = 2_000;
const MOST_ATTEMPTS = 5;

/** Whether there is an embedded server for this machine. */
export function hasEmbeddedDynamoServer(): boolean {
  try {
    createRequire(import.meta.url).resolve(PACKAGE);
    return true;
  } catch {
    return false;
  }
}

/**
 * Starts dynoxide on a free port, or takes the server at `endpoint` instead.
 * @throws Error when there is no binary for this system, or it does not start, or nothing answers at `endpoint`.
 */
export async function startDynamoServer(options: DynamoServerOptions = {}): Promise<DynamoServer> {
  const { file, endpoint } = options;
  if (endpoint) return serverElsewhere(endpoint.replace(/\/$/, ''));
  if (!hasEmbeddedDynamoServer()) {
    throw new Error(
      `there is no embedded DynamoDB server for ${process.platform}-${process.arch}; it needs the endpoint of another one`,
    );
  }
  return startEmbedded(file, options.onEnd);
}

async function startEmbedded(
  file: string | undefined,
  onEnd: DynamoServerOptions['onEnd'],
): Promise<DynamoServer> {
  const binary = createRequire(import.meta.url).resolve(PACKAGE);
  const storage = file ? ['--db-path', file] : [];
  for (let attempts = 1; ; attempts += 1) {
    const port = await freePort();
    const child = new GuardedChild([binary, 'serve', '--port', String(port), ...storage]);
    const complaint = await child.whenReady();
    if (complaint === undefined) {
      child.onEnd(onEnd);
      return { url: `http://127.0.0.1:${port}`, stop: () => child.stop() };
    }
    await child.stop();
    // Somebody else was quicker to take the port.
    if (attempts < MOST_ATTEMPTS && complaint.includes('already in use')) continue;
    throw new Error(`dynoxide did not start: ${complaint}`);
  }
}

async function serverElsewhere(url: string): Promise<DynamoServer> {
  if (!(await answers(url))) throw new Error(`no DynamoDB server answers at ${url}`);
  return { url, stop: async () => undefined };
}

async function answers(url: string): Promise<boolean> {
  const answer = await fetch(url).catch(() => undefined);
  await answer?.body?.cancel();
  return answer !== undefined;
}

class GuardedChild {
  readonly #child: ChildProcess;
  readonly #exited: Promise<void>;
  #output = '';
  #end: string | undefined;
  #stopping = false;
  #onEnd: DynamoServerOptions['onEnd'];

  constructor(command: readonly string[]) {
    this.#child = spawn('/bin/sh', ['-c', GUARD, 'sh', ...command], { stdio: ['pipe', 'ignore', 'pipe'] });
    this.#child.stderr?.on('data', (chunk: Buffer) => {
      this.#output = (this.#output + chunk.toString()).slice(-KEPT_OUTPUT);
    });
    this.#exited = once(this.#child, 'exit').then(([code, signal]) => {
      this.#ended(signal ? `killed by ${signal}` : `exit status ${code}`);
    });
  }

  /** Waits until the server listens; answers what it complains of when it does not. */
  async whenReady(): Promise<string | undefined> {
    const deadline = Date.now() + READY_WITHIN_MS;
    while (Date.now() < deadline && this.#end === undefined) {
      if (this.#output.includes('listening on')) return undefined;
      await sleep(5);
    }
    return this.#output.trim() || this.#end || `it did not listen within ${READY_WITHIN_MS / 1000} s`;
  }

  /** Tells `listener` when the server ends, or has ended, without having been stopped. */
  onEnd(listener: DynamoServerOptions['onEnd']): void {
    this.#onEnd = listener;
    if (this.#end !== undefined && !this.#stopping) listener?.(this.#end);
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    this.#child.stdin?.end();
    await this.#exited;
  }

  #ended(how: string): void {
    this.#end = how;
    // Ends the server too, when it was its guard that was killed.
    this.#child.stdin?.end();
    if (!this.#stopping) this.#onEnd?.(how);
  }
}
