/** Creates a key, also for an owner who has a budget. */
import type { ApiKeyRow, KeyLimits } from '../../../shared/security/api-keys.ts';
import { putKey } from '../api-keys.ts';
import { type BudgetTables, markIfBudgeted } from './budgets.ts';

export interface NewKey {
  readonly owner: string;
  /** As `newKey` makes it. */
  readonly key: string;
  /** Seconds since 1970. */
  readonly created: number;
  readonly limits: KeyLimits;
}

/** @returns its row; of a key that was there before, that one */
export async function createKey(
  tables: BudgetTables,
  { owner, key, created, limits }: NewKey,
): Promise<ApiKeyRow> {
  const isLimited = Object.keys(limits).length > 0;
  const row = await putKey(tables.dynamodb, tables.keysTable, owner, key, {
    created,
    ...(isLimited && { limits }),
  });
  return (await markIfBudgeted(tables, row)) ? { ...row, budgeted: true } : row;
}
