/** The create: checks, a new task, its first answer. The same request twice makes two tasks, as at the real provider. */
import { Refusal } from './dialect.ts';
import { type Fault, faultOf } from './faults.ts';
import type { Received, Reply } from './http.ts';
import { runTask } from './lifecycle.ts';
import { answeredUnder, refusedBy } from './request-faults.ts';
import { newTask, type Order, type Task } from './task.ts';
import type { World } from './world.ts';

/** Answers a create. Throws a Refusal for what the provider refuses. */
export async function create(received: Received, key: string, world: World): Promise<Reply> {
  const { dialect, settings } = world;
  const body = parsed(received, world);
  const target = { key, prompt: dialect.promptOf(body) };
  const faults = world.rules.strikeRequest('create', target);
  const refused = refusedBy(faults, 'create', world);
  if (refused !== undefined) return refused;
  const order = dialect.validate(body, settings);
  const task = begin(order, key, world.rules.strikeTask(target), world);
  const live = runTask(task, world).catch((error: unknown) => {
    // Closing the simulator ends its tasks; nothing else may.
    if (!world.signal.aborted) throw error;
    task.calledBack.resolve();
  });
  const early = faultOf(task.faults, 'callback-early') ?? faultOf(task.faults, 'completed-at-once');
  if (early !== undefined) await Promise.race([task.calledBack.promise, live]);
  const answer = { status: 200, body: dialect.created(task, settings.clock()) };
  return answeredUnder(faults, answer, world);
}

function begin(order: Order, key: string, faults: Fault[], world: World): Task {
  const { clock, delayMs } = world.settings;
  const createdAt = clock();
  const atOnce = faultOf(faults, 'callback-early') ?? faultOf(faults, 'completed-at-once');
  const durationMs = atOnce === undefined ? (faultOf(faults, 'duration')?.ms ?? delayMs) : 0;
  const id = world.dialect.newTaskId(createdAt);
  const task = newTask({ id, key, order, faults, createdAt, durationMs });
  world.tasks.set(id, task);
  return task;
}

function parsed(received: Received, { dialect }: World): unknown {
  if (received.body === undefined) {
    throw new Refusal(413, dialect.codeFor(413, 'create'), 'The request body is too large.');
  }
  if (!/^application\/json\b/.test(String(received.headers['content-type']))) {
    throw new Refusal(400, dialect.codeFor(400, 'create'), 'Content-Type must be application/json.');
  }
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(received.body));
  } catch {
    throw new Refusal(400, dialect.codeFor(400, 'create'), 'The request body is not valid JSON.');
  }
}
