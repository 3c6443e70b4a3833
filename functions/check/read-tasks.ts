/** Reads the tasks of a batch of timers: most have long ended, and must cost next to nothing. */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { batchRead } from '../../shared/task/batch-read.ts';
import { type CheckedTask, checkedAttributes } from './check.ts';

/**
 * @param ids at most 100, each once
 * @returns the tasks that there are, by id
 * @throws Error when DynamoDB leaves some unprocessed again and again
 */
export const readTasks = (
  client: DynamoDBClient,
  table: string,
  ids: readonly string[],
  pause: (ms: number) => Promise<void>,
): Promise<ReadonlyMap<string, CheckedTask>> => batchRead(client, table, ids, pause, checkedAttributes);
