/** Once a day, by a schedule. */
import middy from '@middy/core';
import type { ScheduledEvent } from 'aws-lambda';
import { dynamoDbClient } from '../../shared/runtime/dependencies.ts';
import { variable } from '../../shared/runtime/environment.ts';
import { pause } from '../../shared/runtime/pause.ts';
import { telemetry } from '../../shared/runtime/telemetry.ts';
import { batchRead } from '../../shared/task/batch-read.ts';
import { scanIndex } from './scan-index.ts';
import { type Swept, type SweptTask, sweep, sweptAttributes } from './sweep.ts';

const place = { table: variable('TASKS_TABLE'), index: variable('TASK_INDEX') };
const dependencies = {
  pages: (first: string, last: string) => scanIndex(dynamoDbClient(), place, first, last),
  readTasks: (ids: readonly string[]) =>
    batchRead<keyof SweptTask>(dynamoDbClient(), place.table, ids, pause, sweptAttributes),
  telemetry: telemetry('sweep'),
  now: Date.now,
};

export const handler = middy<ScheduledEvent, Swept>().handler(() => sweep(dependencies));
