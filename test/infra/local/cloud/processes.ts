/** Processes that a cloud starts, and programs that start a cloud. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';

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

/** Starts a program, as a module in which `startLocalCloud` is known; `wrapper` is a command that runs it. */
export function startProgram(
  source: string,
  env: Record<string, string> = {},
  wrapper: readonly string[] = [],
): ChildProcess {
  const program = `import { startLocalCloud } from ${JSON.stringify(CLOUD)};\n${source}`;
  const [command = '', ...args] = [...wrapper, process.execPath, '--input-type=module', '-e', program];
  return spawn(command, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
}

/** What a program printed, and its exit code. */
export async function outcomeOf(child: ChildProcess) {
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout!),
    text(child.stderr!),
    once(child, 'exit'),
  ]);
  return { stdout, stderr, code: code as number | null };
}
