/** The callback as documented: one POST after the outcome, 10 s, up to three retries after 1, 2 and 4 s, 2xx is success. */
import { distorted } from './answers.ts';
import { faultOf } from './faults/fault.ts';
import type { ProviderState } from './provider-state.ts';
import type { Task } from './task.ts';

const retryPauses = [1, 2, 4];

/** Sends what the task's faults order: one callback, none, late, several, or two that disagree. */
export async function callBack(task: Task, state: ProviderState): Promise<void> {
  const none = faultOf(task.faults, 'callback-none') !== undefined;
  if (!state.protocol.callsBack || task.order.callbackUrl === undefined || none) {
    task.calledBack.resolve();
    return;
  }
  await state.pause(faultOf(task.faults, 'callback-delay')?.ms ?? 0);
  await sendCallback(task, state);
  const contradict = faultOf(task.faults, 'callback-contradict');
  if (contradict === undefined) return;
  await state.pause(contradict.afterMs);
  await deliver(task, callbackBody(opposite(task, state), state), state);
}

/** Sends the task's callback, as often as a `callback-duplicate` fault says. */
export async function sendCallback(task: Task, state: ProviderState): Promise<void> {
  const duplicate = faultOf(task.faults, 'callback-duplicate');
  const times = duplicate?.times ?? 1;
  const body = callbackBody(task, state);
  if (duplicate?.concurrent === true) {
    await Promise.all(Array.from({ length: times }, () => deliver(task, body, state)));
    return;
  }
  for (let time = 0; time < times; time += 1) await deliver(task, body, state);
}

/** The links that a completed task delivers; each dies a lifetime after the outcome. */
export function resultLinks(task: Task, state: ProviderState): string[] {
  const fewer = faultOf(task.faults, 'fewer-images')?.by ?? 0;
  const more = faultOf(task.faults, 'more-images')?.by ?? 0;
  const expires = expiryOf(task, state);
  return Array.from({ length: Math.max(0, task.order.images - fewer + more) }, (_, index) => {
    const elsewhere = task.faults.find(
      (fault) => fault.kind === 'picture-link' && (fault.index ?? index) === index,
    );
    if (elsewhere?.kind === 'picture-link') return elsewhere.url;
    return `${state.url}/files/${task.id}/${index}.png?expires=${expires}`;
  });
}

/** When the task's links die, epoch seconds. */
export function expiryOf(task: Task, state: ProviderState): number {
  return Math.floor(((task.completedAt ?? 0) + state.settings.linkLifetimeMs) / 1000);
}

/** What a callback says: the body of a task query, as the task's faults distort it. */
export function callbackBody(task: Task, state: ProviderState): Record<string, unknown> | Buffer {
  return distorted(shaped(task, state), task, 'callback');
}

function shaped(task: Task, state: ProviderState): Record<string, unknown> {
  const body = state.protocol.status(task, state.settings.clock());
  const shape = faultOf(task.faults, 'callback-shape');
  if (shape === undefined) return body;
  const { id, ...rest } = body;
  const renamed: Record<string, unknown> = { [shape.id]: id, ...rest };
  if (renamed.status === 'completed') renamed.status = shape.completed;
  for (const field of shape.without) delete renamed[field];
  return shape.wrapped ? { data: renamed } : renamed;
}

function opposite(task: Task, state: ProviderState): Task {
  if (task.status === 'completed') {
    const error = { code: 'service_error', message: 'The service failed.' };
    return { ...task, status: 'failed', error, results: [] };
  }
  const { error: _, ...rest } = task;
  return { ...rest, status: 'completed', results: resultLinks(task, state) };
}

async function deliver(task: Task, body: unknown, state: ProviderState): Promise<void> {
  for (let attempt = 1; attempt <= retryPauses.length + 1; attempt += 1) {
    const delivered = await attemptCallback(task, body, attempt, state);
    task.calledBack.resolve();
    const pause = retryPauses[attempt - 1];
    if (delivered || pause === undefined) return;
    await state.pause(pause * state.settings.callbackRetryUnitMs);
  }
}

async function attemptCallback(
  task: Task,
  body: unknown,
  attempt: number,
  state: ProviderState,
): Promise<boolean> {
  const { clock, callbackTimeoutMs } = state.settings;
  const url = task.order.callbackUrl ?? '';
  const at = clock();
  const started = performance.now();
  const result = await post(
    url,
    body,
    AbortSignal.any([state.signal, AbortSignal.timeout(callbackTimeoutMs)]),
  );
  const ms = Math.round(performance.now() - started);
  const said = Buffer.isBuffer(body) ? body.toString() : body;
  state.journal.callback({ key: task.key, taskId: task.id, url, body: said, attempt, at, ...result, ms });
  state.log(`${task.id} callback attempt ${attempt}: ${result.status ?? result.error} in ${ms} ms`);
  return result.status !== undefined && result.status >= 200 && result.status < 300;
}

type Posted = { status: number | undefined; error?: string };

async function post(url: string, body: unknown, signal: AbortSignal): Promise<Posted> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: Buffer.isBuffer(body) ? Uint8Array.from(body) : JSON.stringify(body),
      redirect: 'manual',
      signal,
    });
    await response.arrayBuffer();
    return { status: response.status };
  } catch (error) {
    return { status: undefined, error: error instanceof Error ? error.message : String(error) };
  }
}
