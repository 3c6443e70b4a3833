/** The stream's records as changes of tasks. What cannot be counted is told, and keeps no other from being counted. */
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { DynamoDBRecord } from 'aws-lambda';
import type { Telemetry } from '../../shared/runtime/telemetry.ts';
import { requireKnownVersion } from '../../shared/task/read-record.ts';
import type { TaskRecord } from '../../shared/task/record.ts';
import { rowsOf } from '../../shared/usage/ledger-rows.ts';
import { type Change, sortable } from './chunks.ts';

export interface TaskChange extends Change {
  readonly after: Partial<TaskRecord>;
}

/** In the stream's order. `npm run usage -- --verify` finds what is missing of those that were left out. */
export function changesIn(telemetry: Telemetry, records: readonly DynamoDBRecord[]): TaskChange[] {
  return records.flatMap((record) => {
    try {
      const change = changeOf(record);
      if (rowsOf(change.after, []).length === 0) throw new TypeError('It is no task of ours');
      return [change];
    } catch (error) {
      telemetry.error('a record cannot be counted', { task: record.dynamodb?.Keys?.id?.S, error });
      telemetry.count('UsageNotCounted');
      return [];
    }
  });
}

function changeOf({ dynamodb = {} }: DynamoDBRecord): TaskChange {
  const { SequenceNumber = '', NewImage = {}, OldImage } = dynamodb;
  return {
    sequence: sortable(SequenceNumber),
    before: OldImage && taskIn(OldImage),
    after: taskIn(NewImage),
  };
}

type Image = NonNullable<NonNullable<DynamoDBRecord['dynamodb']>['NewImage']>;

function taskIn(image: Image): TaskRecord {
  const task = unmarshall(image as Parameters<typeof unmarshall>[0]) as TaskRecord;
  requireKnownVersion(task);
  return task;
}
