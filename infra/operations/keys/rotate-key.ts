/**
 * Gives a key a successor with the same id, owner, limits and mark of a budget; the key before it is accepted a while longer.
 *
 *   first key    accepted ─────────────┤
 *   second key            accepted ────┼──────────►
 *                     rotation     the overlap later
 *
 * The id stays, so the webhook secret does (receivers notice nothing), both keys share their limits while both are accepted, and
 * usage by key goes on. One key of an id has no end: the newest.
 */
import { marshall } from '@aws-sdk/util-dynamodb';
import { sha256 } from '../../../shared/runtime/json.ts';
import type { ApiKeyRow } from '../../../shared/security/api-keys.ts';
import { type KeysTable, keysWithId, transact, updateOf } from './key-rows.ts';
import { BadInput } from './options.ts';

export interface Rotation {
  /** The new key. */
  readonly key: string;
  /** Seconds since 1970. */
  readonly now: number;
  readonly overlapSeconds: number;
}

/**
 * @returns the successor's row, and until when the keys before it are accepted, in seconds since 1970
 * @throws BadInput when there is no such key, or it is disabled
 */
export async function rotateKey(
  table: KeysTable,
  keyId: string,
  { key, now, overlapSeconds }: Rotation,
): Promise<{ row: ApiKeyRow; until: number }> {
  const rows = await keysWithId(table, keyId);
  const present = rows.find(({ expires_at }) => expires_at === undefined);
  if (!present) throw new BadInput(`The key ${keyId} has expired, and none has succeeded it: create another`);
  if (present.disabled)
    throw new BadInput(`The key ${keyId} is disabled: enable it first, or create another`);
  const { owner, limits, budgeted } = present;
  const row: ApiKeyRow = {
    key_hash: sha256(key),
    key_id: keyId,
    owner,
    created: now,
    ...(limits && { limits }),
    ...(budgeted && { budgeted }),
  };
  const until = now + overlapSeconds;
  const longer = rows.filter(({ expires_at = 0 }) => expires_at > until);
  await transact(table, [
    {
      Put: {
        TableName: table.keysTable,
        Item: marshall(row),
        ConditionExpression: 'attribute_not_exists(key_hash)',
      },
    },
    endOf(table, present, until),
    ...longer.map((old) =>
      updateOf(table, old, { expression: 'SET expires_at = :until', values: { ':until': until } }),
    ),
  ]);
  return { row, until };
}

/** Only as it was read: what somebody else does to it meanwhile would not reach its successor. */
function endOf(table: KeysTable, present: ApiKeyRow, until: number) {
  const { limits, budgeted } = present;
  const same = (name: string, value: unknown) =>
    value === undefined ? `attribute_not_exists(${name})` : `${name} = :${name}`;
  return updateOf(
    table,
    present,
    {
      expression: 'SET expires_at = :until',
      values: { ':until': until, ':limits': limits, ':budgeted': budgeted, ':no': false },
    },
    [
      'attribute_not_exists(expires_at)',
      '(attribute_not_exists(disabled) OR disabled = :no)',
      same('limits', limits),
      same('budgeted', budgeted),
    ].join(' AND '),
  );
}
