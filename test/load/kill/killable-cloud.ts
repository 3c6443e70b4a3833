/** A local cloud that is killed without warning and started again on the same state and the same port. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

export interface CloudProcessOptions {
  readonly assembly: string;
  readonly port: number;
  readonly stateDir: string;
  readonly eventsFile: string;
  readonly apiKey: string;
  readonly providerKeys: Readonly<Record<string, string>>;
}

/** Where a started cloud is, for its clients. */
export interface CloudPlace {
  readonly apiUrl: string;
  readonly s3: string;
  readonly dynamodb: string;
  readonly tasksTable: string;
  readonly region: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

const PROGRAM = join(import.meta.dirname, 'cloud-process.ts');

export class KillableCloud {
  readonly #options: CloudProcessOptions;
  #child: ChildProcess | undefined;

  constructor(options: CloudProcessOptions) {
    this.#options = options;
  }

  /** @throws Error when it ends before it is ready */
  async start(): Promise<CloudPlace> {
    const child = spawn(process.execPath, [PROGRAM, JSON.stringify(this.#options)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.#child = child;
    const ended = once(child, 'exit').then(([code, signal]) => {
      throw new Error(`The local cloud ended (${code ?? signal}) before it was ready`);
    });
    const [line] = (await Promise.race([once(createInterface(child.stdout!), 'line'), ended])) as [string];
    ended.catch(() => undefined);
    return JSON.parse(line);
  }

  /** As a power failure would: nothing is flushed, nobody is told. */
  async kill(): Promise<void> {
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  }
}
