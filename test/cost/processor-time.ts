/** How much processor time the sandboxes of each function have used, from Linux's own account of their threads. */
import { readdirSync, readFileSync } from 'node:fs';
import type { LocalCloud } from '../../infra/local/cloud/index.ts';

/** Milliseconds so far, by function. */
export type ProcessorTimes = ReadonlyMap<string, number>;

/** @throws Error where there is no /proc */
export function processorTimes(cloud: LocalCloud): ProcessorTimes {
  const names = new Set(cloud.functions().map(({ name }) => name));
  const times = new Map<string, number>();
  for (const pid of childrenOf(process.pid)) {
    const name = /(?:^|\0)AWS_LAMBDA_FUNCTION_NAME=([^\0]*)/.exec(read(`/proc/${pid}/environ`))?.[1];
    if (name && names.has(name)) times.set(name, (times.get(name) ?? 0) + millisecondsOf(pid));
  }
  return times;
}

const childrenOf = (pid: number): string[] =>
  readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
    read(`/proc/${pid}/task/${thread}/children`).split(' ').filter(Boolean),
  );

/** The first figure of each thread is the nanoseconds that it ran. */
const millisecondsOf = (pid: string): number =>
  readdirSync(`/proc/${pid}/task`).reduce(
    (sum, thread) => sum + Number(read(`/proc/${pid}/task/${thread}/schedstat`).split(' ')[0]) / 1e6,
    0,
  );

/** A process or a thread may end before it is looked at. */
function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
