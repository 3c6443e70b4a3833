/** Turns changes of records into events on the bus. */
import {
  type EventBridgeClient,
  PutEventsCommand,
  type PutEventsRequestEntry,
} from '@aws-sdk/client-eventbridge';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { DynamoDBRecord } from 'aws-lambda';
import { EVENT_SOURCE } from '../../shared/events/names.ts';
import { taskEvent } from '../../shared/events/task-event.ts';
import type { Telemetry } from '../../shared/runtime/telemetry.ts';
import { type LinkTo, publicTask } from '../../shared/task/public-task.ts';
import type { TaskRecord } from '../../shared/task/record.ts';

export interface PublishDependencies {
  readonly client: EventBridgeClient;
  readonly busName: string;
  readonly telemetry: Telemetry;
  readonly pause: (ms: number) => Promise<void>;
}

interface Entry {
  readonly sequenceNumber: string;
  readonly event: PutEventsRequestEntry;
}

/** PutEvents takes ten entries and 1 MB a call; one of ours may have 240 kB. */
const MOST_ENTRIES = 10;
const MOST_BYTES = 256 * 1024;
/** Further tries of single entries that the bus refused, before the stream tries again. */
const PAUSES_MS = [50, 200, 800];

/** @returns the sequence numbers of the records whose event is not on the bus */
export async function publish(
  dependencies: PublishDependencies,
  records: readonly DynamoDBRecord[],
  linkTo: LinkTo,
) {
  const failed: string[] = [];
  for (const entries of batchesOf(records.map((record) => entryOf(dependencies.busName, record, linkTo)))) {
    failed.push(...(await put(dependencies, entries)));
  }
  return failed;
}

function entryOf(busName: string, { dynamodb }: DynamoDBRecord, linkTo: LinkTo): Entry {
  const record = unmarshall(dynamodb!.NewImage as Parameters<typeof unmarshall>[0]) as TaskRecord;
  const { detailType, detail } = taskEvent(record, publicTask(record, linkTo));
  return {
    sequenceNumber: dynamodb!.SequenceNumber!,
    event: {
      EventBusName: busName,
      Source: EVENT_SOURCE,
      DetailType: detailType,
      Time: new Date(detail.occurred_at),
      Detail: JSON.stringify(detail),
    },
  };
}

function batchesOf(entries: readonly Entry[]): Entry[][] {
  const batches: Entry[][] = [];
  let bytes = 0;
  for (const entry of entries) {
    const size = Buffer.byteLength(entry.event.Detail ?? '') + 1024;
    const last = batches.at(-1);
    if (last && last.length < MOST_ENTRIES && bytes + size <= MOST_BYTES) {
      last.push(entry);
      bytes += size;
    } else {
      batches.push([entry]);
      bytes = size;
    }
  }
  return batches;
}

/** Puts a batch; every entry that the bus refuses is tried again, alone with the others that it refused. */
async function put(
  { client, pause, telemetry }: PublishDependencies,
  batch: readonly Entry[],
): Promise<string[]> {
  let waiting = batch;
  for (const ms of [0, ...PAUSES_MS]) {
    if (ms) await pause(ms);
    const { Entries = [] } = await client.send(
      new PutEventsCommand({ Entries: waiting.map(({ event }) => event) }),
    );
    const codes = Entries.map(({ ErrorCode }) => ErrorCode);
    for (const code of codes.filter((code) => code !== undefined)) telemetry.count('EventRefused', code);
    waiting = waiting.filter((_, index) => codes[index]);
    if (waiting.length === 0) break;
  }
  return waiting.map(({ sequenceNumber }) => sequenceNumber);
}
