/** The tasks table: each change of a task is one conditional write here and nothing else (docs/decisions/outbox.md). */
import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import type { Json } from '../runtime/json.ts';
import { attributesOf } from './attributes.ts';
import * as conditions from './conditions.ts';
import { readRecord } from './read-record.ts';
import type {
  Charge,
  OpenStatus,
  Outcome,
  Submission,
  TaskError,
  TaskRecord,
  Unfinished,
  WebhookState,
} from './record.ts';
import { fittingOutcome, fittingReserved } from './size-budget.ts';

/** A write either happened, or its condition failed on the record that is there (none: unknown task). */
export type Written =
  | { readonly kind: 'written' }
  | { readonly kind: 'conflict'; readonly found: TaskRecord | undefined };

/** What the provider said when it took the task. */
export interface Acceptance {
  readonly provider_task_id: string;
  readonly estimated_time?: number | undefined;
  /** What it reserved; what it charged comes with the outcome. */
  readonly reserved?: Json | undefined;
}

/** How a task ends without a provider's report. */
export interface End {
  readonly error: TaskError;
  /** Seconds since 1970. */
  readonly completed: number;
  readonly charge?: Charge | undefined;
}

export interface TaskStore {
  get(id: string): Promise<TaskRecord | undefined>;
  /** Writes the intent; a conflict when the id exists, but for a record that this very attempt has written. */
  putIntent(record: TaskRecord): Promise<Written>;
  accept(id: string, acceptance: Acceptance): Promise<Written>;
  /** With an error the task has failed; without one it may be tried again. A conflict when another attempt has begun. */
  refuse(attempt: Pick<TaskRecord, 'id' | 'attempt'>, final?: End): Promise<Written>;
  /** Takes a refused task back to `unconfirmed`; of several attempts only one writes. */
  reopen(id: string, attempt: string): Promise<Written>;
  /** Records how the task ended; what is too large for the record is left out and marked. */
  conclude(id: string, outcome: Outcome): Promise<Written>;
  /** Ends a task without a provider's report, if its submission is still what it was. */
  giveUp(id: string, submission: Submission, end: End): Promise<Written>;
  noteProgress(id: string, status: OpenStatus, progress: number): Promise<Written>;
  /** Remembers whose outcome could not be recorded, and what the failed attempt leaves for the next one. */
  noteUnfinished(id: string, providerTaskId: string, note: Unfinished): Promise<Written>;
  /** Makes the timers of this chain the ones that count; a conflict when a newer one does. */
  obeyChain(id: string, chain: string): Promise<Written>;
  /** Notes what became of the task's webhook; a conflict when the record has no longer what was read. */
  noteWebhook(id: string, before: WebhookState, webhook: WebhookState): Promise<Written>;
}

/** @param table the tasks table's name */
export function taskStore(client: DynamoDBClient, table: string): TaskStore {
  const update = (
    id: string,
    condition: string,
    set: Values,
    extra: Values = {},
    remove: readonly string[] = [],
  ) =>
    conditional(() => client.send(new UpdateItemCommand(updateOf(table, id, condition, set, extra, remove))));

  return {
    async get(id) {
      const { Item } = await client.send(
        new GetItemCommand({ TableName: table, Key: attributesOf({ id }), ConsistentRead: true }),
      );
      return Item && readRecord(Item);
    },
    putIntent: async (record) => {
      const put = new PutItemCommand({
        TableName: table,
        Item: attributesOf(record),
        ConditionExpression: conditions.IS_NEW,
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      });
      return unlessBy(record.attempt, await conditional(() => client.send(put)));
    },
    accept: (id, acceptance) => {
      const { reserved } = acceptance;
      const fitting = {
        ...acceptance,
        ...(reserved !== undefined && { reserved: fittingReserved(reserved) }),
      };
      return update(id, conditions.MAY_ACCEPT, { ...fitting, submission: 'accepted' });
    },
    refuse: ({ id, attempt = '' }, final) =>
      update(
        id,
        conditions.MAY_REFUSE,
        { submission: 'refused', ...(final && { ...final, status: 'failed' }) },
        { unconfirmed: 'unconfirmed', attempt, ...open },
      ),
    reopen: async (id, attempt) => {
      const set = { submission: 'unconfirmed', attempt };
      const values = { refused: 'refused', pending: 'pending' };
      return unlessBy(attempt, await update(id, conditions.MAY_REOPEN, set, values));
    },
    conclude: (id, outcome) =>
      update(
        id,
        conditions.MAY_CONCLUDE,
        {
          ...fittingOutcome(outcome),
          submission: 'accepted',
          ...(outcome.status === 'completed' && { progress: 100 }),
        },
        open,
        // The outcome names them now, and needs their room.
        ['kept_images', 'gone_images'],
      ),
    giveUp: (id, submission, end) =>
      update(id, conditions.MAY_GIVE_UP, { ...end, status: 'failed' }, { ...open, submission }),
    noteProgress: (id, status, progress) =>
      update(id, conditions.MAY_PROGRESS, { status, progress }, { pending: 'pending' }),
    noteUnfinished: (id, provider_task_id, note) =>
      update(id, conditions.MAY_NOTE_UNFINISHED, { ...note, provider_task_id, submission: 'accepted' }, open),
    obeyChain: (id, chain) => update(id, conditions.MAY_OBEY_CHAIN, { timer_chain: chain }),
    noteWebhook: (id, { attempts, run }, webhook) =>
      update(id, conditions.MAY_NOTE_WEBHOOK, { webhook }, { attempts, run }),
  };
}

type Values = Record<string, unknown>;
const open = { pending: 'pending', processing: 'processing' };

/** `SET` of the given attributes, undefined ones left out; a condition may name their values as `:attribute`. */
function updateOf(
  table: string,
  id: string,
  condition: string,
  set: Values,
  extra: Values,
  remove: readonly string[],
) {
  const names = Object.keys(set).filter((name) => set[name] !== undefined);
  const values = Object.entries({ ...set, ...extra }).map(([name, value]) => [`:${name}`, value]);
  return {
    TableName: table,
    Key: attributesOf({ id }),
    UpdateExpression: [
      `SET ${names.map((name) => `#${name} = :${name}`).join(', ')}`,
      ...(remove.length > 0 ? [`REMOVE ${remove.join(', ')}`] : []),
    ].join(' '),
    ConditionExpression: condition,
    ExpressionAttributeNames: {
      ...Object.fromEntries(names.map((name) => [`#${name}`, name])),
      ...(condition.includes('#status') && { '#status': 'status' }),
    },
    ExpressionAttributeValues: attributesOf(Object.fromEntries(values)),
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD' as const,
  };
}

/**
 * A conflict with what the same attempt has written is no conflict: the answer to its first write was lost, and the SDK
 * has repeated it.
 *
 *   submit ──put (attempt a)──► written ──answer──✗ lost
 *          ──put (attempt a)──► the condition fails, on a record of attempt a
 */
function unlessBy(attempt: string | undefined, written: Written): Written {
  const isOurs = written.kind === 'conflict' && attempt !== undefined && written.found?.attempt === attempt;
  return isOurs ? { kind: 'written' } : written;
}

async function conditional(write: () => Promise<unknown>): Promise<Written> {
  try {
    await write();
    return { kind: 'written' };
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
    return { kind: 'conflict', found: error.Item && readRecord(error.Item) };
  }
}
