/** One task, for its owner. */
import { isTaskId } from './ids.ts';
import type { TaskRecord } from './record.ts';

/** A task belongs to its key's owner and is invisible to others. */
export async function ownTask(
  get: (id: string) => Promise<TaskRecord | undefined>,
  owner: string,
  id: string,
): Promise<TaskRecord | undefined> {
  if (!isTaskId(id)) return undefined;
  const record = await get(id);
  return record?.owner === owner ? record : undefined;
}
