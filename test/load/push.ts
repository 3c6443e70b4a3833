/** The first step: submits tasks at a steady rate, whether the answers come or not, as callers do. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Wanhook } from '../../client/index.ts';
import type { LoadOptions } from './options.ts';

export interface Submitted {
  readonly id: string;
  /** Milliseconds from the request to its answer. */
  readonly ms: number;
}

export interface Pushed {
  readonly submitted: readonly Submitted[];
  /** What was answered instead of a task, by message. */
  readonly refused: ReadonlyMap<string, number>;
}

export const promptOf = (nth: number): string => `load ${nth}`;

/** @param progress told after each answer how many there are */
export async function push(
  client: Wanhook,
  { tasks, rate, images }: Pick<LoadOptions, 'tasks' | 'rate' | 'images'>,
  progress: (answered: number) => void,
): Promise<Pushed> {
  const submitted: Submitted[] = [];
  const refused = new Map<string, number>();
  const submit = async (nth: number): Promise<void> => {
    const began = performance.now();
    try {
      const { id } = await client.submit({ model: 'wan2.5-text-to-image', prompt: promptOf(nth), n: images });
      submitted.push({ id, ms: performance.now() - began });
    } catch (error) {
      const message = String(error);
      refused.set(message, (refused.get(message) ?? 0) + 1);
    }
    progress(submitted.length);
  };
  const began = performance.now();
  const running: Promise<void>[] = [];
  for (let nth = 0; nth < tasks; nth++) {
    const due = began + (nth / rate) * 1000 - performance.now();
    if (due > 0) await sleep(due);
    running.push(submit(nth));
  }
  await Promise.all(running);
  return { submitted, refused };
}
