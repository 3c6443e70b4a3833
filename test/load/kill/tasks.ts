/** Submits while the cloud comes and goes, and waits until what can end has ended. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Task, Wanhook } from '../../../client/index.ts';

const AGAIN_AFTER_MS = 500;
const LOOK_EVERY_MS = 1000;
/** A message that a killed function had received is hidden for 540 s; then it is worked off. */
const STILL_FOR_MS = 660_000;
/** One in so many is at the provider that never calls back. */
const UNCALLED = 5;

const requestOf = (nth: number) =>
  nth % UNCALLED === 0
    ? { model: 'wan25_t2i_preview' as const, input: { prompt: `kill ${nth}` }, parameters: { n: 1 } }
    : { model: 'wan2.5-text-to-image' as const, prompt: `kill ${nth}`, n: 1 };

/** Each with an `Idempotency-Key`, until it is answered. @returns the tasks' ids */
export async function submitAll(
  client: Wanhook,
  { tasks, rate }: { readonly tasks: number; readonly rate: number },
  progress: (answered: number) => void,
): Promise<readonly string[]> {
  let answered = 0;
  const submit = async (nth: number): Promise<string> => {
    for (;;) {
      try {
        const { id } = await client.submit(requestOf(nth), { idempotencyKey: `kill-${nth}` });
        progress(++answered);
        return id;
      } catch {
        await sleep(AGAIN_AFTER_MS);
      }
    }
  };
  const running: Promise<string>[] = [];
  for (let nth = 0; nth < tasks; nth++) {
    running.push(submit(nth));
    await sleep(1000 / rate);
  }
  return Promise.all(running);
}

/** @returns the tasks as they are when all have ended, or none has for so long that the rest are waiting for their day to end */
export async function untilEnded(
  client: Wanhook,
  ids: readonly string[],
  progress: (ended: number) => void,
): Promise<readonly Task[]> {
  const known = new Map<string, Task>();
  let changedAt = Date.now();
  for (;;) {
    const open = ids.filter((id) => !hasEnded(known.get(id)));
    for (const id of open) {
      const task = await client.get(id);
      if (hasEnded(task)) changedAt = Date.now();
      known.set(id, task);
    }
    const left = ids.filter((id) => !hasEnded(known.get(id))).length;
    progress(ids.length - left);
    if (left === 0 || Date.now() - changedAt > STILL_FOR_MS) return [...known.values()];
    await sleep(LOOK_EVERY_MS);
  }
}

const hasEnded = (task: Task | undefined): boolean =>
  task?.status === 'completed' || task?.status === 'failed';
