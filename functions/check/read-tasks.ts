/** Reads many records at once: most timers are of tasks that have long ended, and must cost next to nothing. */
import {
  BatchGetItemCommand,
  type BatchGetItemCommandInput,
  type BatchGetItemCommandOutput,
  type DynamoDBClient,
} from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { attributesOf } from '../../shared/task/attributes.ts';
import { type CheckedTask, checkedAttributes } from './check.ts';

/** Further requests for what DynamoDB left unprocessed (over 16 MB, or throttled), and the pauses before them. */
const PAUSES_MS = [0, 100, 400, 1600];

/**
 * @param ids at most 100, each once
 * @returns the tasks that there are, by id
 * @throws Error when DynamoDB leaves some unprocessed again and again
 */
export async function readTasks(
  client: DynamoDBClient,
  table: string,
  ids: readonly string[],
  pause: (ms: number) => Promise<void>,
): Promise<ReadonlyMap<string, CheckedTask>> {
  const tasks = new Map<string, CheckedTask>();
  if (ids.length === 0) return tasks;
  let wanted: BatchGetItemCommandInput['RequestItems'] = { [table]: requestFor(ids) };
  for (const ms of PAUSES_MS) {
    if (ms) await pause(ms);
    const read: BatchGetItemCommandOutput = await client.send(
      new BatchGetItemCommand({ RequestItems: wanted }),
    );
    for (const item of read.Responses?.[table] ?? []) {
      const task = unmarshall(item) as CheckedTask;
      tasks.set(task.id, task);
    }
    if (!read.UnprocessedKeys?.[table]) return tasks;
    wanted = read.UnprocessedKeys;
  }
  throw new Error('DynamoDB left records unprocessed');
}

function requestFor(ids: readonly string[]) {
  return {
    Keys: ids.map((id) => attributesOf({ id })),
    // A record that was just written must not be taken for one that is gone.
    ConsistentRead: true,
    ProjectionExpression: checkedAttributes.map((name) => `#${name}`).join(', '),
    ExpressionAttributeNames: Object.fromEntries(checkedAttributes.map((name) => [`#${name}`, name])),
  };
}
