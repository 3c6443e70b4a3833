/** One sandbox: a process of its own that has loaded a function's bundle and handles one event at a time. */

import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import { watchMemory } from './memory-watch.ts';

/** What a sandbox is started with. */
export interface SandboxSettings {
  /** The bundle's directory, and the process's working directory. */
  readonly directory: string;
  readonly memoryMb: number;
  /** All of the process's environment. */
  readonly environment: Readonly<Record<string, string>>;
}

/** A failure as Lambda reports it. */
export interface FunctionError {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly trace?: readonly string[];
}

/** The JSON that the handler returned, or how it failed. */
export type SandboxOutcome = { readonly payload: string } | { readonly error: FunctionError };

export interface SandboxInvocation {
  readonly requestId: string;
  /** The event's JSON. */
  readonly payload: string;
  readonly timeoutSeconds: number;
  readonly functionArn: string;
}

type LogWriter = (source: 'stdout' | 'stderr', text: string, requestId: string | undefined) => void;

type Message =
  | { type: 'ready'; peakBytes: number }
  | { type: 'init-error'; error: FunctionError }
  | { type: 'crash'; error: FunctionError }
  | { type: 'log'; stream: 'stdout' | 'stderr'; requestId?: string; text: string }
  | { type: 'result'; requestId: string; payload: string; peakBytes: number }
  | { type: 'result'; requestId: string; error: FunctionError; peakBytes: number };

const BOOTSTRAP = join(import.meta.dirname, 'bootstrap.mjs');
/** Lambda's own limit for loading a function. */
const INIT_LIMIT_MS = 10_000;

export class Sandbox {
  readonly #child: ChildProcess;
  readonly #settings: SandboxSettings;
  readonly #log: LogWriter;
  readonly #unwatch: () => void;
  /** Settles the loading or the invocation that is under way. */
  #settle: ((outcome: SandboxOutcome) => void) | undefined;
  #requestId: string | undefined;
  /** Why the process is about to end, when that is known before it does. */
  #ending: FunctionError | undefined;
  /** False from the moment on that the process ends or is to end. */
  alive = true;
  /** The most memory ever held, in bytes. */
  peakBytes = 0;
  /** Called once, when the process has ended. */
  onEnd: () => void = () => undefined;
  /** How long loading took. */
  initMs = 0;

  constructor(settings: SandboxSettings, log: LogWriter) {
    this.#settings = settings;
    this.#log = log;
    this.#child = fork(BOOTSTRAP, [], {
      cwd: settings.directory,
      env: settings.environment,
      execPath: process.execPath,
      execArgv: heapFlags(settings.memoryMb),
      serialization: 'advanced',
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    for (const stream of ['stdout', 'stderr'] as const) {
      this.#child[stream]?.on('data', (chunk: Buffer) =>
        log(stream, chunk.toString('utf8'), this.#requestId),
      );
    }
    this.#child.on('message', (message) => this.#receive(message as Message));
    this.#child.on('exit', (code, signal) => this.#ended(code, signal));
    this.#child.on('error', (error) =>
      this.#end({ errorType: 'Runtime.ExitError', errorMessage: error.message }),
    );
    this.#unwatch = watchMemory(this.#child.pid, (bytes) => this.#holds(bytes));
  }

  /** Resolves when the bundle is loaded; with the error when it cannot be. */
  async load(): Promise<FunctionError | undefined> {
    const startedAt = performance.now();
    const outcome = await this.#await(INIT_LIMIT_MS, () => ({
      errorType: 'Sandbox.Timedout',
      errorMessage: `the function was not loaded within ${INIT_LIMIT_MS / 1000} seconds`,
    }));
    this.initMs = performance.now() - startedAt;
    return 'error' in outcome ? outcome.error : undefined;
  }

  /** Handles one event; never rejects. */
  invoke({ requestId, payload, timeoutSeconds, functionArn }: SandboxInvocation): Promise<SandboxOutcome> {
    this.#requestId = requestId;
    const deadline = Date.now() + timeoutSeconds * 1000;
    const outcome = this.#await(timeoutSeconds * 1000, () => ({
      errorType: 'Sandbox.Timedout',
      errorMessage: `RequestId: ${requestId} Error: Task timed out after ${timeoutSeconds.toFixed(2)} seconds`,
    }));
    const traceId = `Root=1-${Math.floor(Date.now() / 1000).toString(16)}-${requestId.replaceAll('-', '').slice(0, 24)};Sampled=0`;
    this.#child.send({ type: 'invoke', requestId, payload, deadline, functionArn, traceId }, (error) => {
      if (error) this.#end(exitError(requestId, error.message));
    });
    return outcome;
  }

  /** Ends the process at once; an invocation under way fails with `reason`. */
  kill(reason?: FunctionError): void {
    this.alive = false;
    this.#ending ??= reason;
    this.#child.kill('SIGKILL');
  }

  #await(limitMs: number, timedOut: () => FunctionError): Promise<SandboxOutcome> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.kill(timedOut()), limitMs);
      this.#settle = (outcome) => {
        clearTimeout(timer);
        this.#settle = undefined;
        this.#requestId = undefined;
        resolve(outcome);
      };
    });
  }

  #receive(message: Message): void {
    if (message.type === 'log') {
      this.#log(message.stream, message.text, message.requestId);
      return;
    }
    if (message.type === 'init-error' || message.type === 'crash') {
      this.alive = false;
      this.#ending ??= message.error;
      return;
    }
    if (this.#holds(message.peakBytes)) return;
    if (message.type === 'ready') this.#settle?.({ payload: '' });
    else if ('error' in message) this.#settle?.({ error: message.error });
    else this.#settle?.({ payload: message.payload });
  }

  /** Notes how much memory the process holds; ends it, as Lambda does, when that is more than it may. */
  #holds(bytes: number): boolean {
    this.peakBytes = Math.max(this.peakBytes, bytes);
    const over = bytes > this.#settings.memoryMb * 2 ** 20;
    if (over) this.kill();
    return over;
  }

  #ended(code: number | null, signal: NodeJS.Signals | null): void {
    const killed = signal === 'SIGKILL' ? 'killed' : signal;
    const how = signal ? `with error: signal: ${killed}` : `with error: exit status ${code}`;
    this.#end(
      exitError(
        this.#requestId,
        code === 0 ? 'Runtime exited without providing a reason' : `Runtime exited ${how}`,
      ),
    );
  }

  #end(error: FunctionError): void {
    this.alive = false;
    this.#unwatch();
    this.onEnd();
    this.#settle?.({ error: this.#ending ?? error });
  }
}

function exitError(requestId: string | undefined, how: string): FunctionError {
  return { errorType: 'Runtime.ExitError', errorMessage: `RequestId: ${requestId ?? '-'} Error: ${how}` };
}

/** Lambda's runtime gives nine tenths of the memory to the heap, and a twentieth to each half of its young part. */
function heapFlags(memoryMb: number): string[] {
  return [
    `--max-old-space-size=${Math.floor(memoryMb * 0.9)}`,
    `--max-semi-space-size=${Math.floor(memoryMb / 20)}`,
  ];
}
