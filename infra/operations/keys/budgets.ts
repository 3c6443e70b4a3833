/**
 * Budgets of owners: an item of the usage table, and a mark on the owner's keys, so that whoever has none is not asked for one.
 *
 *   set      mark all keys ─► put the budget ─► mark the keys that were made meanwhile
 *   clear    delete the budget ─► take the marks away ─► mark again, if a budget was set meanwhile
 *   create   put the key ─► read the budget ─► mark the key
 *
 * A mark without a budget costs a read and limits nothing; a budget without its marks would limit nothing either, and is not
 * left behind: a new key is marked by its own command, or found by the last scan.
 */
import { DeleteItemCommand, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import type { ApiKeyRow } from '../../../shared/security/api-keys.ts';
import {
  amountCounters,
  BUDGET,
  type Budget,
  type CounterNames,
  dayOf,
  imageCounters,
  monthEntry,
} from '../../../shared/usage/rows.ts';
import { changeAll, type KeysTable } from './key-rows.ts';
import { BadInput, type Change } from './options.ts';

export interface BudgetTables extends KeysTable {
  /** The usage table's name. */
  readonly usageTable: string;
}

const MARK = { expression: 'SET budgeted = :yes', values: { ':yes': true } };
const UNMARK = { expression: 'REMOVE budgeted' };

export async function readBudget(tables: BudgetTables, owner: string): Promise<Budget | undefined> {
  const item = await read(tables, owner, BUDGET);
  if (!item) return undefined;
  const { owner: _owner, entry: _entry, ...budget } = item;
  return budget;
}

/** @param owner one who has a key */
export async function putBudget(tables: BudgetTables, owner: string, budget: Budget): Promise<void> {
  await markAll(tables, owner);
  const Item = marshall({ owner, entry: BUDGET, ...budget });
  await tables.dynamodb.send(new PutItemCommand({ TableName: tables.usageTable, Item }));
  await markAll(tables, owner);
}

const markAll = (tables: BudgetTables, owner: string): Promise<void> =>
  changeAll(tables, (row) => row.owner === owner && !row.budgeted, MARK);

export async function clearBudget(tables: BudgetTables, owner: string): Promise<void> {
  const Key = marshall({ owner, entry: BUDGET });
  await tables.dynamodb.send(new DeleteItemCommand({ TableName: tables.usageTable, Key }));
  await changeAll(tables, (row) => row.owner === owner && row.budgeted === true, UNMARK);
  if (await readBudget(tables, owner)) await markAll(tables, owner);
}

/** Marks a new key of an owner who has a budget. @returns whether there is one */
export async function markIfBudgeted(tables: BudgetTables, { owner, key_hash }: ApiKeyRow): Promise<boolean> {
  const isBudgeted = (await readBudget(tables, owner)) !== undefined;
  if (isBudgeted) await changeAll(tables, (row) => row.key_hash === key_hash && !row.budgeted, MARK);
  return isBudgeted;
}

/** @throws BadInput when money would have no currency, a currency no money, or money another currency than it was given in */
export function changedBudget(before: Budget, change: Change<Budget>): Budget {
  const { currency, ...rest } = changed(before, change) as Budget;
  const amounts = (['amount_per_day', 'amount_per_month'] as const).filter((name) => name in rest);
  if (amounts.length === 0) {
    if (change.currency === undefined) return rest;
    throw new BadInput('--currency goes with --amount-per-day or --amount-per-month');
  }
  if (currency === undefined) {
    throw new BadInput('An amount needs --currency: a code of ISO 4217 in capitals, such as USD, or credits');
  }
  const kept = amounts.filter((name) => change[name] === undefined);
  if (before.currency !== undefined && currency !== before.currency && kept.length > 0) {
    throw new BadInput(
      `The budget is in ${before.currency}: with another currency its ${kept.map((name) => `--${name.replaceAll('_', '-')}`).join(' and ')} must be given anew`,
    );
  }
  return { ...rest, currency };
}

/** What was there, with what changes; a limit that was cleared is not there any more. */
export const changed = <T extends object>(before: T, change: Change<T>): T =>
  Object.fromEntries(
    Object.entries({ ...before, ...change }).filter(([, value]) => value !== null && value !== undefined),
  ) as T;

/** What is reserved and charged in the present day and month, by the budget's own names. @param now milliseconds since 1970 */
export async function usedOf(tables: BudgetTables, owner: string, budget: Budget, now: number) {
  const day = dayOf(now);
  const row = (await read(tables, owner, monthEntry(day))) ?? {};
  const count = (names: CounterNames, period: keyof CounterNames) => Number(row[names[period]] ?? 0);
  const money = budget.currency === undefined ? undefined : amountCounters(day, budget.currency);
  return {
    images_per_day: count(imageCounters(day), 'day'),
    images_per_month: count(imageCounters(day), 'month'),
    ...(money && { amount_per_day: count(money, 'day'), amount_per_month: count(money, 'month') }),
  };
}

async function read({ dynamodb, usageTable }: BudgetTables, owner: string, entry: string) {
  const Key = marshall({ owner, entry });
  const { Item } = await dynamodb.send(
    new GetItemCommand({ TableName: usageTable, Key, ConsistentRead: true }),
  );
  return Item && unmarshall(Item);
}
