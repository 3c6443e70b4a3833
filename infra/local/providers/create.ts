/** The create: checks, a new task, its first answer. The same request twice makes two tasks, as at the real provider. */

import type { Caller } from './accounts.ts';
import { distorted } from './answers.ts';
import { type Fault, faultOf } from './faults/fault.ts';
import type { Received, Reply } from './http.ts';
import { runTask } from './lifecycle.ts';
import { Refusal } from './protocol.ts';
import type { ProviderState } from './provider-state.ts';
import { answeredUnder, refusedBy } from './request-faults.ts';
import { newTask, type Order, type Task } from './task.ts';

/** Answers a create. Throws a Refusal for what the provider refuses. */
export async function create(received: Received, caller: Caller, state: ProviderState): Promise<Reply> {
  const { protocol, settings } = state;
  const body = parsed(received, state);
  const target = { key: caller.account, prompt: protocol.promptOf(body) };
  const faults = state.rules.strikeRequest('create', target);
  const refused = refusedBy(faults, 'create', { id: '', key: caller.bearer }, state);
  if (refused !== undefined) return refused;
  const order = protocol.validate(body, settings);
  const task = start(order, caller, state.rules.strikeTask(target), state);
  const live = runTask(task, state).catch((error: unknown) => {
    // Closing the server ends its tasks; nothing else may.
    if (!state.signal.aborted) throw error;
    task.calledBack.resolve();
  });
  const early = faultOf(task.faults, 'callback-early') ?? faultOf(task.faults, 'completed-at-once');
  if (early !== undefined) await Promise.race([task.calledBack.promise, live]);
  const answer = { status: 200, body: distorted(protocol.created(task, settings.clock()), task, 'create') };
  return answeredUnder(faults, answer, state);
}

function start(order: Order, { account, bearer }: Caller, faults: Fault[], state: ProviderState): Task {
  const { clock, delayMs } = state.settings;
  const createdAt = clock();
  const atOnce = faultOf(faults, 'callback-early') ?? faultOf(faults, 'completed-at-once');
  const durationMs = atOnce === undefined ? (faultOf(faults, 'duration')?.ms ?? delayMs) : 0;
  const id = state.protocol.newTaskId(createdAt);
  const task = newTask({ id, key: account, bearer, order, faults, createdAt, durationMs });
  state.tasks.set(id, task);
  return task;
}

function parsed(received: Received, { protocol }: ProviderState): unknown {
  if (received.body === undefined) {
    throw new Refusal(413, protocol.codeFor(413, 'create'), 'The request body is too large.');
  }
  if (!/^application\/json\b/.test(String(received.headers['content-type']))) {
    throw new Refusal(400, protocol.codeFor(400, 'create'), 'Content-Type must be application/json.');
  }
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(received.body));
  } catch {
    throw new Refusal(400, protocol.codeFor(400, 'create'), 'The request body is not valid JSON.');
  }
}
