/**
 * The ledger of a month of 100,000 tasks: what writing it asks of DynamoDB, and how long a page of it takes to read. Over a real
 * DynamoDB server, with the functions' own parts, without API Gateway and Lambda.
 */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { TransactWriteItemsCommand } from '@aws-sdk/client-dynamodb';
import { type Change, sortable } from '../../functions/ledger/chunks.ts';
import { keepLedger } from '../../functions/ledger/keep-ledger.ts';
import { ledgerStore } from '../../functions/ledger/store.ts';
import { readUsage } from '../../functions/usage/read-usage.ts';
import { modelNames } from '../../shared/providers/definitions.ts';
import { pause } from '../../shared/runtime/pause.ts';
import type { Grouping } from '../../shared/usage/usage-parameters.ts';
import { taskRecord } from '../support/records.ts';
import { openTables } from '../support/tasks-table.ts';
import { median, timed } from './statistics.ts';

const TASKS = 100_000;
const DAYS = 30;
const KEYS = 5;
const TEAMS = 20;
/** As infra/constructs/ledger.ts has it. */
const BATCH = 1000;
const START = Date.parse('2026-11-01T00:00:00Z') / 1000;
const READS = 20;

export interface PageFigure {
  readonly grouping: string;
  readonly pages: number;
  readonly rows: number;
  /** Milliseconds, of the slowest page, median and longest of all readings. */
  readonly median: number;
  readonly longest: number;
}

export interface UsageFigures {
  readonly tasks: number;
  readonly batches: number;
  readonly transactions: number;
  readonly items: number;
  readonly reading: readonly PageFigure[];
}

const groupings: readonly Grouping[] = [
  { kind: 'day' },
  { kind: 'model' },
  { kind: 'key' },
  { kind: 'metadata', name: 'team' },
];

export async function measureUsage(): Promise<UsageFigures> {
  const { client, usage, close } = await openTables();
  try {
    const written = await write(client, usage);
    const reading: PageFigure[] = [];
    for (const grouping of groupings) reading.push(await read(client, usage, grouping));
    return { tasks: TASKS, ...written, reading };
  } finally {
    await close();
  }
}

/** Each task is created, and ends half a minute later. */
async function write(client: DynamoDBClient, table: string) {
  const counts = { batches: 0, transactions: 0, items: 0 };
  const counting = {
    send: (command: object) => {
      if (command instanceof TransactWriteItemsCommand) {
        counts.transactions += 1;
        counts.items += command.input.TransactItems?.length ?? 0;
      }
      return client.send(command as never);
    },
  } as unknown as DynamoDBClient;
  const store = ledgerStore(counting, table, { now: Date.now, pause, random: Math.random });
  for (let first = 0; first < TASKS; first += BATCH / 2) {
    const changes = Array.from({ length: BATCH / 2 }, (_, nth) => changesOf(first + nth)).flat();
    counts.batches += 1;
    await keepLedger(store, 'shard-0', changes, ['team']);
  }
  return counts;
}

function changesOf(nth: number): Change[] {
  const open = taskRecord({
    owner: 'bench',
    created: START + Math.floor((nth / TASKS) * DAYS * 86_400),
    model: modelNames[nth % modelNames.length]!,
    key_id: `key_${nth % KEYS}`,
    metadata: { team: `team ${nth % TEAMS}` },
    asked: { images: 2, amount: 40_000, currency: 'USD' },
  });
  const charge = { images: 2, amount: 40_000, currency: 'USD', source: 'prices' } as const;
  const done = { ...open, status: 'completed' as const, charge };
  return [
    { sequence: sortable(String(2 * nth + 1)), before: undefined, after: open },
    { sequence: sortable(String(2 * nth + 2)), before: open, after: done },
  ];
}

async function read(client: DynamoDBClient, table: string, grouping: Grouping): Promise<PageFigure> {
  const range = { owner: 'bench', from: '2026-11-01', to: '2026-11-30', grouping };
  let pages = 0;
  let rows = 0;
  const times: number[] = [];
  for (let round = 0; round < READS; round++) {
    let slowest = 0;
    let after: string | undefined;
    [pages, rows] = [0, 0];
    do {
      const place = after;
      const ms = await timed(async () => {
        const { data, next } = await readUsage(client, table, { ...range, after: place });
        rows += JSON.parse(JSON.stringify(data)).length;
        after = next;
      });
      pages += 1;
      slowest = Math.max(slowest, ms);
    } while (after !== undefined);
    times.push(slowest);
  }
  const name = grouping.kind === 'metadata' ? `metadata.${grouping.name}` : grouping.kind;
  return { grouping: name, pages, rows, median: median(times), longest: Math.max(...times) };
}

/** DynamoDB on demand, us-east-1: USD a million units; a transaction's write takes two, a consistent read one. */
const WRITE_UNIT = 0.625;
const READ_UNIT = 0.125;
const INVOCATION = 0.2;

export function usageLines({ tasks, batches, transactions, items, reading }: UsageFigures): string[] {
  const per = (count: number) => count / tasks;
  const usd = per(items) * 2 * WRITE_UNIT + per(batches) * (READ_UNIT + INVOCATION);
  return [
    `ledger of ${tasks} tasks: ${batches} batches, ${transactions} transactions of ${items} writes; ${usd.toFixed(2)} USD a million tasks`,
    ...reading.map(
      (one) =>
        `usage by ${one.grouping.padEnd(14)} ${one.pages} page(s), ${one.rows} elements: ` +
        `${one.median.toFixed(1)} ms a page, ${one.longest.toFixed(1)} at the longest`,
    ),
  ];
}
