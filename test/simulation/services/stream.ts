/** The table's stream as the function gets it, with the filters of infra/constructs/functions.ts. */
import type { DynamoDBRecord } from 'aws-lambda';
import type { ShardRecord } from './event-sources.ts';
import type { Change } from './table.ts';

export interface StreamRecord extends ShardRecord {
  readonly taskId: string;
  readonly record: DynamoDBRecord;
}

const open = new Set(['pending', 'processing']);
const ended = new Set(['completed', 'failed']);

/** New tasks, and open ones that have ended now. */
export function isStreamed({ before, after }: Change): boolean {
  if (!before) return true;
  return open.has(before.status?.S ?? '') && ended.has(after.status?.S ?? '');
}

export function streamRecord({ before, after }: Change, sequence: number): StreamRecord {
  const sequenceNumber = String(sequence).padStart(21, '0');
  const dynamodb = {
    SequenceNumber: sequenceNumber,
    Keys: { id: after.id },
    NewImage: after,
    ...(before && { OldImage: before }),
  } as NonNullable<DynamoDBRecord['dynamodb']>;
  return {
    sequenceNumber,
    taskId: after.id?.S ?? '',
    record: { eventName: before ? 'MODIFY' : 'INSERT', dynamodb },
  };
}
