/** Processes that a cloud starts, and programs that start a cloud. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';
import { eventually } from '../../../support/eventually.ts';

export interface Process {
  readonly pid: number;
  readonly command: string;
}

export function isAlive({ pid }: Process): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** A process's children, and theirs. */
export async function descendants(pid = process.pid): Promise<Process[]> {
  const looking = promisify(execFile)('ps', ['-eo', 'pid=,ppid=,comm=']);
  const { stdout } = await looking;
  const all = stdout
    .trim()
    .split('\n')
    .map((line) => {
      const [id, parent, ...command] = line.trim().split(/\s+/);
      return { pid: Number(id), parent: Number(parent), command: command.join(' ') };
    });
  const below = (parent: number): Process[] =>
    all
      .filter((one) => one.parent === parent)
      .flatMap((one) => [{ pid: one.pid, command: one.command }, ...below(one.pid)]);
  return below(pid).filter((one) => one.pid !== looking.child.pid);
}

/** Those that were started since `before`. */
export async function startedSince(before: readonly Process[]): Promise<Process[]> {
  return (await descendants()).filter(({ pid }) => !before.some((known) => known.pid === pid));
}

const CLOUD = new URL('../../../../infra/local/cloud/index.ts', import.meta.url).href;

export interface Program {
  readonly pid: number;
  kill(signal: NodeJS.Signals): void;
  /** Resolves when it has printed a line. @throws Error with what it complained of, when it ends before */
  started(): Promise<void>;
  /** What it printed, and how it ended. */
  ended(): Promise<{ stdout: string; stderr: string; code: number | null }>;
}

/** Starts a program, as a module in which `startLocalCloud` is known; `wrapper` is a command that runs it. */
export function startProgram(
  source: string,
  env: Record<string, string> = {},
  wrapper: readonly string[] = [],
): Program {
  const program = `import { startLocalCloud } from ${JSON.stringify(CLOUD)};\n${source}`;
  const [command = '', ...args] = [...wrapper, process.execPath, '--input-type=module', '-e', program];
  const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  const printed = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].on('data', (chunk: Buffer) => {
      printed[stream] += chunk.toString();
    });
  }
  const closed = once(child, 'close');
  return {
    pid: child.pid!,
    kill: (signal) => void child.kill(signal),
    started: async () => {
      await eventually(() => printed.stdout.includes('\n') || child.exitCode !== null, 'the first line');
      if (child.exitCode !== null) throw new Error(`the program ended too early: ${printed.stderr}`);
    },
    ended: async () => {
      const [code] = await closed;
      return { ...printed, code };
    },
  };
}
