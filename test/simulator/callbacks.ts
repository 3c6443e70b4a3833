/** The callback as documented: one POST after the outcome, 10 s, up to three retries after 1, 2 and 4 s, 2xx is success. */
import { faultOf } from './faults.ts';
import type { Task } from './task.ts';
import type { World } from './world.ts';

const retryPauses = [1, 2, 4];

/** Sends what the task's faults order: one callback, none, late, several, or two that disagree. */
export async function callBack(task: Task, world: World): Promise<void> {
  const none = faultOf(task.faults, 'callback-none') !== undefined;
  if (!world.dialect.callsBack || task.order.callbackUrl === undefined || none) {
    task.calledBack.resolve();
    return;
  }
  await world.pause(faultOf(task.faults, 'callback-delay')?.ms ?? 0);
  await sendCallback(task, world);
  const contradict = faultOf(task.faults, 'callback-contradict');
  if (contradict === undefined) return;
  await world.pause(contradict.afterMs);
  await deliver(task, callbackBody(opposite(task, world), world), world);
}

/** Sends the task's callback, as often as a `callback-duplicate` fault says. */
export async function sendCallback(task: Task, world: World): Promise<void> {
  const duplicate = faultOf(task.faults, 'callback-duplicate');
  const times = duplicate?.times ?? 1;
  const body = callbackBody(task, world);
  if (duplicate?.concurrent === true) {
    await Promise.all(Array.from({ length: times }, () => deliver(task, body, world)));
    return;
  }
  for (let time = 0; time < times; time += 1) await deliver(task, body, world);
}

/** The links that a completed task delivers; each dies a lifetime after the outcome. */
export function resultLinks(task: Task, world: World): string[] {
  const fewer = faultOf(task.faults, 'fewer-images')?.by ?? 0;
  const expires = expiryOf(task, world);
  return Array.from({ length: Math.max(0, task.order.images - fewer) }, (_, index) => {
    const elsewhere = task.faults.find(
      (fault) => fault.kind === 'picture-link' && (fault.index ?? index) === index,
    );
    if (elsewhere?.kind === 'picture-link') return elsewhere.url;
    return `${world.url}/files/${task.id}/${index}.png?expires=${expires}`;
  });
}

/** When the task's links die, epoch seconds. */
export function expiryOf(task: Task, world: World): number {
  return Math.floor(((task.completedAt ?? 0) + world.settings.linkLifetimeMs) / 1000);
}

/** What a callback says: the body of a task query, in the shape that a fault orders. */
export function callbackBody(task: Task, world: World): Record<string, unknown> {
  const body = world.dialect.status(task, world.settings.clock());
  const shape = faultOf(task.faults, 'callback-shape');
  if (shape === undefined) return body;
  const { id, ...rest } = body;
  const renamed: Record<string, unknown> = { [shape.id]: id, ...rest };
  if (renamed.status === 'completed') renamed.status = shape.completed;
  for (const field of shape.without) delete renamed[field];
  return shape.wrapped ? { data: renamed } : renamed;
}

function opposite(task: Task, world: World): Task {
  if (task.status === 'completed') {
    const error = { code: 'service_error', message: 'The service failed.' };
    return { ...task, status: 'failed', error, results: [] };
  }
  const { error: _, ...rest } = task;
  return { ...rest, status: 'completed', results: resultLinks(task, world) };
}

async function deliver(task: Task, body: unknown, world: World): Promise<void> {
  for (let attempt = 1; attempt <= retryPauses.length + 1; attempt += 1) {
    const delivered = await attemptCallback(task, body, attempt, world);
    task.calledBack.resolve();
    const pause = retryPauses[attempt - 1];
    if (delivered || pause === undefined) return;
    await world.pause(pause * world.settings.callbackRetryUnitMs);
  }
}

async function attemptCallback(task: Task, body: unknown, attempt: number, world: World): Promise<boolean> {
  const { clock, callbackTimeoutMs } = world.settings;
  const url = task.order.callbackUrl ?? '';
  const at = clock();
  const started = performance.now();
  const result = await post(
    url,
    body,
    AbortSignal.any([world.signal, AbortSignal.timeout(callbackTimeoutMs)]),
  );
  const ms = Math.round(performance.now() - started);
  world.journal.callback({ key: task.key, taskId: task.id, url, body, attempt, at, ...result, ms });
  world.log(`${task.id} callback attempt ${attempt}: ${result.status ?? result.error} in ${ms} ms`);
  return result.status !== undefined && result.status >= 200 && result.status < 300;
}

type Posted = { status: number | undefined; error?: string };

async function post(url: string, body: unknown, signal: AbortSignal): Promise<Posted> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      redirect: 'manual',
      signal,
    });
    await response.arrayBuffer();
    return { status: response.status };
  } catch (error) {
    return { status: undefined, error: error instanceof Error ? error.message : String(error) };
  }
}
