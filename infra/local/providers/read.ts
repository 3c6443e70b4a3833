/** The status read: the task's own account only, and only for as long as the provider remembers. */

import type { Caller } from './accounts.ts';
import { distorted } from './answers.ts';
import type { Received, Reply } from './http.ts';
import { Refusal } from './protocol.ts';
import type { ProviderState } from './provider-state.ts';
import { answeredUnder, refusedBy } from './request-faults.ts';

/** Answers a read. Throws a Refusal for an unknown, foreign, forgotten or malformed id. */
export async function read(
  received: Received,
  { account, bearer }: Caller,
  state: ProviderState,
): Promise<Reply> {
  const { protocol, settings } = state;
  const id = received.path.slice(protocol.readPath.length);
  const task = state.tasks.get(id);
  const faults = state.rules.strikeRequest('read', { key: account, prompt: task?.order.prompt });
  const refused = refusedBy(faults, 'read', { id, key: bearer }, state);
  if (refused !== undefined) return refused;
  protocol.checkTaskId(id);
  const now = settings.clock();
  if (task === undefined || task.key !== account || now >= task.createdAt + settings.taskMemoryMs) {
    throw new Refusal(404, 'task_not_found', `Task not found: ${id}`);
  }
  return answeredUnder(
    faults,
    { status: 200, body: distorted(protocol.status(task, now), task, 'read') },
    state,
  );
}
