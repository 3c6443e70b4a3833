/** The ledger in a run: the function, the two shards of the stream that bring it changes, and what must hold in the end. */
import type { DynamoDBRecord } from 'aws-lambda';
import { announceThresholds } from '../../functions/ledger/announce-thresholds.ts';
import { budgetStore } from '../../functions/ledger/budget-store.ts';
import { changesIn } from '../../functions/ledger/changes.ts';
import { keepLedger } from '../../functions/ledger/keep-ledger.ts';
import { ledgerStore } from '../../functions/ledger/store.ts';
import type { TaskRecord } from '../../shared/task/record.ts';
import type { Counters } from '../../shared/usage/contribution.ts';
import { type LedgerRow, LedgerSums, readEntry, rowsOf } from '../../shared/usage/ledger-rows.ts';
import type { Budget } from '../../shared/usage/rows.ts';
import { reachedThresholds } from '../../shared/usage/thresholds.ts';
import type { Row } from './counters.ts';
import type { Deployment } from './functions.ts';
import { type SourceDependencies, shard } from './services/event-sources.ts';
import type { Handler, Instance } from './services/lambda.ts';
import type { StreamRecord } from './services/stream.ts';
import type { Change } from './services/table.ts';

export interface LedgerEvent {
  readonly shardId: string;
  readonly records: readonly DynamoDBRecord[];
}

const USAGE_TABLE = 'usage';
const NAMES = ['team'];
const SHARDS = 2;

/** What functions/ledger/handler.ts does. */
export function startLedger(deployment: Deployment, instance: Instance): Handler<LedgerEvent, void> {
  const { clock, telemetry, clientsOf, random } = deployment;
  const { dynamodb, eventBridge } = clientsOf(instance);
  const now = () => clock.now;
  const store = ledgerStore(dynamodb, USAGE_TABLE, { now, pause: clock.pause, random });
  const announcing = {
    bus: { client: eventBridge, busName: 'wanhook', telemetry, pause: clock.pause },
    budgets: budgetStore(dynamodb, USAGE_TABLE, { pause: clock.pause, random }),
    now,
  };
  return async ({ shardId, records }) => {
    const changes = changesIn(telemetry, records);
    if (changes.length > 0) await keepLedger(store, shardId, changes, NAMES);
    await announceThresholds(
      announcing,
      changes.map(({ after }) => after),
    );
  };
}

const open = new Set(['pending', 'processing']);
const ended = new Set(['completed', 'failed']);

/** The filters of infra/constructs/ledger.ts. */
export function isCounted({ before, after }: Change): boolean {
  if (!before) return true;
  const [from, to] = [before.submission?.S, after.submission?.S];
  const isOutcome = open.has(before.status?.S ?? '') && ended.has(after.status?.S ?? '');
  return isOutcome || (from === 'refused') !== (to === 'refused');
}

/** @returns what puts a change into its task's shard, and the tasks of which a change was given up */
export function feedLedger(source: SourceDependencies, invoke: (event: LedgerEvent) => Promise<void>) {
  const givenUp = new Set<string>();
  const shards = Array.from({ length: SHARDS }, (_, nth) =>
    shard<StreamRecord>(
      source,
      async (batch) => {
        await invoke({ shardId: `shard-${nth}`, records: batch.map(({ record }) => record) });
        return [];
      },
      (batch) => batch.forEach(({ taskId }) => void givenUp.add(taskId)),
      `ledger ${nth}`,
    ),
  );
  const put = (record: StreamRecord) => shards[lastDigit(record.taskId) % SHARDS]!(record);
  return { put, givenUp };
}

const lastDigit = (id: string): number => id.charCodeAt(id.length - 1) || 0;

/** @returns rows of the ledger that are not the sum over the tasks */
export function brokenLedger(records: readonly TaskRecord[], rows: readonly Row[]): string[] {
  const differences = new LedgerSums();
  for (const record of records) differences.add(rowsOf(record, NAMES));
  differences.add(rows.flatMap(ledgerRow), -1);
  return differences
    .rows()
    .map(({ entry, counters }) => `the ledger lacks ${JSON.stringify(counters)} in ${entry}`);
}

function ledgerRow({ owner, entry, writes: _, ...counters }: Row): LedgerRow[] {
  if (!readEntry(String(entry))) return [];
  return [{ owner: String(owner), entry: String(entry), counters: counters as Counters }];
}

/** @returns thresholds that are reached in the end, and of which nobody was told */
export function untoldThresholds(
  records: readonly TaskRecord[],
  rows: readonly Row[],
  budget: Budget,
  told: ReadonlySet<string>,
): string[] {
  const days = new Set(records.flatMap(({ charge }) => charge?.budget_day ?? []));
  return [...days].flatMap((day) => {
    const month = rows.find(({ entry }) => entry === `month#${day.slice(0, 7)}`) ?? {};
    return reachedThresholds(budget, month, day)
      .filter(({ mark }) => ![...told].some((id) => id.endsWith(mark)))
      .map(({ mark }) => `nobody was told of ${mark}`);
  });
}
