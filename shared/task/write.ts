/**
 * One conditional write of a record; when counters move with it, one transaction. A write that a transaction is in
 * the way of has done nothing, and is tried again after a pause of random length (docs/decisions/budgets.md).
 */
import {
  type CancellationReason,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  PutItemCommand,
  type PutItemCommandInput,
  TransactionCanceledException,
  TransactionConflictException,
  type TransactWriteItem,
  TransactWriteItemsCommand,
  type Update,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { Counter, CounterMove } from '../usage/counters.ts';
import { readRecord } from './read-record.ts';
import type { TaskRecord } from './record.ts';

/** A write either happened, or its condition failed on the record that is there (none: unknown task). */
export type Written =
  | { readonly kind: 'written' }
  | { readonly kind: 'conflict'; readonly found: TaskRecord | undefined };

/** Nothing was written. */
export type NotReserved =
  /** The counter has no room; with its row, if there is one. */
  | { readonly kind: 'over'; readonly counter: Counter; readonly row: Readonly<Record<string, unknown>> }
  /** Others were in the way, every time. */
  | { readonly kind: 'contended' };

export type TaskWrite = { readonly Put: NonNullable<TransactWriteItem['Put']> } | { readonly Update: Update };

/** How others are waited for. */
export interface Patience {
  readonly pause: (ms: number) => Promise<void>;
  /** From 0 to 1. */
  readonly random: () => number;
}

/** The longest pauses before further tries, in milliseconds: some three seconds in the middle, seven at the most. */
const LONGEST_PAUSES = [25, 50, 100, 200, 400, 800, 1000, 1000, 1000, 1000, 1000];

export async function write(
  client: DynamoDBClient,
  task: TaskWrite,
  moves: readonly CounterMove[],
  { pause, random }: Patience,
): Promise<Written | NotReserved> {
  const once = () => (moves.length === 0 ? writeAlone(client, task) : transact(client, task, moves));
  for (const longest of [...LONGEST_PAUSES, undefined]) {
    const written = await once();
    if (written.kind !== 'contended' || longest === undefined) return written;
    await pause(Math.ceil(random() * longest));
  }
  return { kind: 'contended' };
}

async function writeAlone(client: DynamoDBClient, task: TaskWrite): Promise<Written | NotReserved> {
  try {
    await ('Put' in task
      ? client.send(new PutItemCommand(task.Put as PutItemCommandInput))
      : client.send(new UpdateItemCommand(task.Update)));
    return { kind: 'written' };
  } catch (error) {
    // A transaction has the record at this moment; the SDK does not try that again.
    if (error instanceof TransactionConflictException) return { kind: 'contended' };
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
    return { kind: 'conflict', found: error.Item && readRecord(error.Item) };
  }
}

async function transact(
  client: DynamoDBClient,
  task: TaskWrite,
  moves: readonly CounterMove[],
): Promise<Written | NotReserved> {
  try {
    // The SDK gives each command a token, so that what it sends again when an answer was lost is done once.
    const TransactItems = [task, ...moves.map(({ update }) => ({ Update: update }))];
    await client.send(new TransactWriteItemsCommand({ TransactItems }));
    return { kind: 'written' };
  } catch (error) {
    const reasons = error instanceof TransactionCanceledException ? error.CancellationReasons : undefined;
    const meaning = reasons && meaningOf(reasons, moves);
    if (!meaning) throw error;
    return meaning;
  }
}

/** What passes by itself. */
const passing = new Set(['TransactionConflict', 'ThrottlingError', 'ProvisionedThroughputExceeded']);

/** The record decides before its counters: what was written already is no matter of budgets. */
function meaningOf(
  [ofTask, ...ofMoves]: readonly CancellationReason[],
  moves: readonly CounterMove[],
): Written | NotReserved | undefined {
  if (ofTask?.Code === FAILED) {
    return { kind: 'conflict', found: ofTask.Item && readRecord(ofTask.Item) };
  }
  if ([ofTask, ...ofMoves].some((reason) => passing.has(reason?.Code ?? ''))) return { kind: 'contended' };
  const at = ofMoves.findIndex(({ Code }) => Code === FAILED);
  const move = moves[at];
  return move && { kind: 'over', counter: move.counter, row: unmarshall(ofMoves[at]?.Item ?? {}) };
}

const FAILED = 'ConditionalCheckFailed';
