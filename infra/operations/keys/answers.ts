/** What the operator is shown of keys and budgets, for machines and for people: never a key that was made before, nor its hash. */
import type { ApiKeyRow, KeyLimits } from '../../../shared/security/api-keys.ts';
import { amountOf } from '../../../shared/usage/money.ts';
import type { Budget } from '../../../shared/usage/rows.ts';
import { textTable } from '../text-table.ts';

export const isoTime = (seconds: number): string => `${new Date(seconds * 1000).toISOString().slice(0, 19)}Z`;

/** A key as JSON shows it. */
export interface ShownKey {
  readonly key_id: string;
  readonly owner: string;
  readonly state: 'active' | 'disabled' | 'expired';
  readonly created: string | null;
  /** Until when it is accepted beside its successor. */
  readonly expires_at: string | null;
  /** The first 8 digits of its SHA-256: of a key that was found somewhere, `printf %s "$KEY" | sha256sum` begins so. */
  readonly sha256: string;
  readonly limits: KeyLimits;
  readonly budgeted: boolean;
}

/** @param now seconds since 1970 */
export const shownKey = (row: ApiKeyRow, now: number): ShownKey => ({
  key_id: row.key_id,
  owner: row.owner,
  state: stateOf(row, now),
  created: row.created === undefined ? null : isoTime(row.created),
  expires_at: row.expires_at === undefined ? null : isoTime(row.expires_at),
  sha256: row.key_hash.slice(0, 8),
  limits: row.limits ?? {},
  budgeted: row.budgeted === true,
});

function stateOf({ disabled, expires_at }: ApiKeyRow, now: number): ShownKey['state'] {
  if (disabled) return 'disabled';
  return expires_at !== undefined && expires_at <= now ? 'expired' : 'active';
}

export function keysTable(keys: readonly ShownKey[]): string {
  if (keys.length === 0) return 'There are no keys.';
  return textTable(
    ['key id', 'sha-256', 'owner', 'created', 'state', 'limits', 'budget'],
    keys.map((key) => [
      key.key_id,
      key.sha256,
      key.owner,
      key.created ?? '–',
      key.state === 'active' && key.expires_at ? `until ${key.expires_at}` : key.state,
      limitsText(key.limits),
      key.budgeted ? 'yes' : '–',
    ]),
  );
}

function limitsText({ requests_per_minute, images_at_once, models }: KeyLimits): string {
  const parts = [
    requests_per_minute === undefined ? [] : [`${requests_per_minute} requests a minute`],
    images_at_once === undefined ? [] : [`${images_at_once} images at once`],
    models ?? [],
  ];
  return parts.flat().join(', ') || '–';
}

/** The limits of a budget by name, in the order in which they are shown. */
const limitNames = ['images_per_day', 'images_per_month', 'amount_per_day', 'amount_per_month'] as const;
type LimitName = (typeof limitNames)[number];
export type Used = { readonly [K in LimitName]?: number };

/** A budget as JSON shows it: amounts in the currency, what is not limited as null. */
export const shownBudget = (owner: string, budget: Budget | undefined, used: Used | undefined) => ({
  owner,
  budget: budget ? { ...plain(budget), currency: budget.currency ?? null } : null,
  used: budget && used ? plain(used) : null,
});

const plain = (values: Budget | Used): Record<LimitName, number | null> =>
  Object.fromEntries(limitNames.map((name) => [name, plainOf(name, values[name])])) as Record<
    LimitName,
    number | null
  >;

const plainOf = (name: LimitName, value: number | undefined): number | null => {
  if (value === undefined) return null;
  return name.startsWith('amount') ? amountOf(value) : value;
};

export function budgetTable({ owner, budget, used }: ReturnType<typeof shownBudget>): string {
  if (!budget) return `${owner} has no budget.`;
  const unit = (name: LimitName) => (name.startsWith('amount') ? ` ${budget.currency}` : '');
  const rows = limitNames
    .filter((name) => budget[name] !== null)
    .map((name) => [
      name.replaceAll('_', ' '),
      `${budget[name]}${unit(name)}`,
      `${used?.[name] ?? 0}${unit(name)}`,
    ]);
  return textTable([owner, 'budget', 'reserved and charged'], rows);
}
