/** The status read: the task's own account only, and only for as long as the provider remembers. */

import type { Received, Reply } from './http.ts';
import { Refusal } from './protocol.ts';
import type { ProviderState } from './provider-state.ts';
import { answeredUnder, refusedBy } from './request-faults.ts';

/** Answers a read. Throws a Refusal for an unknown, foreign, forgotten or malformed id. */
export async function read(received: Received, key: string, state: ProviderState): Promise<Reply> {
  const { protocol, settings } = state;
  const id = received.path.slice(protocol.readPath.length);
  const task = state.tasks.get(id);
  const faults = state.rules.strikeRequest('read', { key, prompt: task?.order.prompt });
  const refused = refusedBy(faults, 'read', state);
  if (refused !== undefined) return refused;
  protocol.checkTaskId(id);
  const now = settings.clock();
  if (task === undefined || task.key !== key || now >= task.createdAt + settings.taskMemoryMs) {
    throw new Refusal(404, 'task_not_found', `Task not found: ${id}`);
  }
  return answeredUnder(faults, { status: 200, body: protocol.status(task, now) }, state);
}
