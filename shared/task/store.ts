/** The tasks table: each change of a task is one conditional write here and nothing else (docs/decisions/outbox.md). */
import { type DynamoDBClient, GetItemCommand, type Update } from '@aws-sdk/client-dynamodb';
import type { Json } from '../runtime/json.ts';
import { pause } from '../runtime/pause.ts';
import { type CounterMove, type Hold, type Holder, reserve, settle } from '../usage/counters.ts';
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
import { type NotReserved, type Patience, type TaskWrite, type Written, write } from './write.ts';

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

/** What a record that is opened again holds, and until when it is kept for that. */
export type Reopened = Holder & Partial<Pick<TaskRecord, 'expires_at'>>;

export interface TaskStore {
  get(id: string): Promise<TaskRecord | undefined>;
  /**
   * Writes the intent, and reserves what it asks for if it has a reservation; a conflict when the id exists, but for a
   * record that this very attempt has written.
   */
  putIntent(record: TaskRecord, hold?: Hold): Promise<Written | NotReserved>;
  accept(id: string, acceptance: Acceptance): Promise<Written>;
  /** With an error the task has failed; without one it may be tried again. A conflict when another attempt has begun. */
  refuse(attempt: Pick<TaskRecord, 'id' | 'attempt'>, final?: End): Promise<Written>;
  /** Takes a refused task back to `unconfirmed`, and reserves anew; of several attempts only one writes. */
  reopen(id: string, attempt: string, holder?: Reopened, hold?: Hold): Promise<Written | NotReserved>;
  /**
   * Records how the task ended, and settles what it had reserved; what is too large for the record is left out and marked.
   * @param holder the record as it was read; a conflict when its reservation is another one now
   */
  conclude(id: string, outcome: Outcome, holder?: Holder): Promise<Written>;
  /** Ends a task without a provider's report, if its submission and its reservation are still what they were. */
  giveUp(id: string, submission: Submission, end: End, holder?: Holder): Promise<Written>;
  noteProgress(id: string, status: OpenStatus, progress: number): Promise<Written>;
  /** Remembers whose outcome could not be recorded, and what the failed attempt leaves for the next one. */
  noteUnfinished(id: string, providerTaskId: string, note: Unfinished): Promise<Written>;
  /** Makes the timers of this chain the ones that count; a conflict when a newer one does. */
  obeyChain(id: string, chain: string): Promise<Written>;
  /** Notes what became of the task's webhook; a conflict when the record has no longer what was read. */
  noteWebhook(id: string, before: WebhookState, webhook: WebhookState): Promise<Written>;
}

/** Where the counters are, for who reserves or settles; and how others are waited for. */
export interface UsageTable extends Patience {
  readonly name: string;
}

/**
 * @param table the tasks table's name
 * @param usage needed by who reserves or settles
 */
export function taskStore(client: DynamoDBClient, table: string, usage?: Partial<UsageTable>): TaskStore {
  const patience = { pause, random: Math.random, ...usage };
  const counters = (): string => {
    if (usage?.name === undefined) throw new Error('a record has a reservation, and there is no usage table');
    return usage.name;
  };
  const reserving = (task: TaskWrite, moves: readonly CounterMove[]) => write(client, task, moves, patience);
  const settling = async (task: TaskWrite, moves: readonly CounterMove[]): Promise<Written> => {
    const written = await reserving(task, moves);
    if (written.kind === 'written' || written.kind === 'conflict') return written;
    // A settlement has no limit, so only others can be in its way.
    throw new Error('the task or the counters of its owner are changed by too many others at once', {
      cause: written,
    });
  };
  const update = (...change: Change) => settling({ Update: updateOf(table, ...change) }, []);
  /** A change that ends what the record's reservation holds. */
  const release = (holder: Partial<Holder> | undefined, charge: Charge | undefined, change: Change) => {
    const { reservation } = holder ?? {};
    const [id, condition, set, extra = {}, remove = []] = change;
    if (!reservation) return update(id, `${condition} AND ${conditions.HOLDS_NONE}`, set, extra, remove);
    const settled = updateOf(
      table,
      id,
      `${condition} AND ${conditions.HOLDS_RESERVATION}`,
      { ...set, charge: charge && { ...charge, ...(reservation.budget && { budget_day: reservation.day }) } },
      { ...extra, reservation: reservation.attempt },
      [...remove, 'reservation'],
    );
    return settling({ Update: settled }, settle(counters(), holder as Holder, charge));
  };

  return {
    async get(id) {
      const { Item } = await client.send(
        new GetItemCommand({ TableName: table, Key: attributesOf({ id }), ConsistentRead: true }),
      );
      return Item && readRecord(Item);
    },
    putIntent: async (record, hold = {}) => {
      const put = {
        TableName: table,
        Item: attributesOf(record),
        ConditionExpression: conditions.IS_NEW,
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD' as const,
      };
      const moves = record.reservation ? reserve(counters(), record, hold) : [];
      return unlessBy(record.attempt, await reserving({ Put: put }, moves));
    },
    accept: (id, acceptance) => {
      const { reserved } = acceptance;
      const fitting = {
        ...acceptance,
        ...(reserved !== undefined && { reserved: fittingReserved(reserved) }),
      };
      return update(id, conditions.MAY_ACCEPT, { ...fitting, submission: 'accepted' });
    },
    refuse: ({ id, attempt = '', ...holder }, final) =>
      release(holder, final?.charge, [
        id,
        conditions.MAY_REFUSE,
        { submission: 'refused', ...(final && { ...final, status: 'failed' }) },
        { unconfirmed: 'unconfirmed', attempt, ...open },
      ]),
    reopen: async (id, attempt, holder, hold = {}) => {
      const { reservation, asked, expires_at } = holder ?? {};
      const held = reservation && { asked, reservation, expires_at };
      const set = { submission: 'unconfirmed', attempt, ...held };
      const values = { refused: 'refused', pending: 'pending' };
      const reopened = updateOf(table, id, conditions.MAY_REOPEN, set, values);
      const moves = reservation ? reserve(counters(), holder as Holder, hold) : [];
      return unlessBy(attempt, await reserving({ Update: reopened }, moves));
    },
    conclude: (id, outcome, holder) => {
      const fitting = fittingOutcome(outcome);
      const set = {
        ...fitting,
        submission: 'accepted',
        ...(outcome.status === 'completed' && { progress: 100 }),
      };
      // The outcome names them now, and needs their room.
      const notes = ['kept_images', 'gone_images'];
      return release(holder, fitting.charge, [id, conditions.MAY_CONCLUDE, set, open, notes]);
    },
    giveUp: (id, submission, end, holder) =>
      release(holder, end.charge, [
        id,
        conditions.MAY_GIVE_UP,
        { ...end, status: 'failed' },
        { ...open, submission },
      ]),
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

type Change = [id: string, condition: string, set: Values, extra?: Values, remove?: readonly string[]];

/** `SET` of the given attributes, undefined ones left out; a condition may name their values as `:attribute`. */
function updateOf(table: string, ...[id, condition, set, extra = {}, remove = []]: Change): Update {
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
function unlessBy(attempt: string | undefined, written: Written | NotReserved): Written | NotReserved {
  const isOurs = written.kind === 'conflict' && attempt !== undefined && written.found?.attempt === attempt;
  return isOurs ? { kind: 'written' } : written;
}
