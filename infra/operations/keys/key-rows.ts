/** The rows of the keys table, for the operator. There are few, so they are found by a scan, page by page. */
import {
  type AttributeValue,
  type DynamoDBClient,
  paginateScan,
  TransactionCanceledException,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import type { ApiKeyRow } from '../../../shared/security/api-keys.ts';
import { BadInput } from './options.ts';

export interface KeysTable {
  readonly dynamodb: DynamoDBClient;
  /** Its name. */
  readonly keysTable: string;
}

/** Sorted by owner, id and age. */
export async function keysWhere(
  { dynamodb, keysTable }: KeysTable,
  isWanted: (row: ApiKeyRow) => boolean,
): Promise<ApiKeyRow[]> {
  const scan = { TableName: keysTable, ConsistentRead: true };
  const found: ApiKeyRow[] = [];
  for await (const { Items = [] } of paginateScan({ client: dynamodb }, scan)) {
    found.push(...Items.flatMap(keyIn).filter(isWanted));
  }
  return found.sort(
    (a, b) => compare(a.owner, b.owner) || compare(a.key_id, b.key_id) || (a.created ?? 0) - (b.created ?? 0),
  );
}

/** The versions of webhook secrets are in the table too. */
const keyIn = (item: Record<string, AttributeValue>): ApiKeyRow[] =>
  'key_id' in item && 'owner' in item ? [unmarshall(item) as ApiKeyRow] : [];

const compare = (a: string, b: string): number => (a < b ? -1 : Number(a > b));

/**
 * A key and those that it has succeeded, oldest first.
 * @throws BadInput when there is none with this id, or more than one owner has such a key
 */
export async function keysWithId(
  table: KeysTable,
  keyId: string,
): Promise<readonly [ApiKeyRow, ...ApiKeyRow[]]> {
  const [first, ...more] = await keysWhere(table, ({ key_id }) => key_id === keyId);
  if (!first) throw new BadInput(`There is no key ${keyId}: the command list shows those that there are`);
  const other = more.find(({ owner }) => owner !== first.owner);
  if (other) throw new BadInput(`Keys of ${first.owner} and ${other.owner} have the id ${keyId}`);
  return [first, ...more];
}

const MOST_SHOWN = 10;

/** @throws BadInput that names owners when no key is this one's */
export async function keysOfOwner(table: KeysTable, owner: string): Promise<ApiKeyRow[]> {
  const all = await keysWhere(table, () => true);
  const theirs = all.filter((row) => row.owner === owner);
  if (theirs.length > 0) return theirs;
  const owners = [...new Set(all.map((row) => row.owner))];
  const shown = owners.slice(0, MOST_SHOWN).join(', ') + (owners.length > MOST_SHOWN ? ', …' : '');
  throw new BadInput(`No key is of the owner ${owner}; there are keys of ${shown || 'nobody'}`);
}

/** An update expression with its values; applied twice it does the same. */
export interface RowUpdate {
  readonly expression: string;
  readonly values?: Readonly<Record<string, unknown>>;
}

const AT_ONCE = 100;
const MOST_ROUNDS = 10;

/**
 * Changes rows until a scan finds none that needs it: a key that is made or rotated meanwhile is not left out.
 * @throws Error when others go on making such rows
 */
export async function changeAll(
  table: KeysTable,
  needsIt: (row: ApiKeyRow) => boolean,
  update: RowUpdate,
): Promise<void> {
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const rows = await keysWhere(table, needsIt);
    if (rows.length === 0) return;
    for (let from = 0; from < rows.length; from += AT_ONCE) {
      await transact(
        table,
        rows.slice(from, from + AT_ONCE).map((row) => updateOf(table, row, update)),
      );
    }
  }
  throw new Error('Others change these keys at the same time: call the command again');
}

type TransactItem = NonNullable<TransactWriteItemsCommand['input']['TransactItems']>[number];

/** @param condition besides that the row is there */
export const updateOf = (
  { keysTable }: KeysTable,
  { key_hash }: ApiKeyRow,
  { expression, values }: RowUpdate,
  condition = '',
): TransactItem => ({
  Update: {
    TableName: keysTable,
    Key: marshall({ key_hash }),
    UpdateExpression: expression,
    ConditionExpression: `attribute_exists(key_hash)${condition && ` AND ${condition}`}`,
    ...(values && { ExpressionAttributeValues: marshall(values, { removeUndefinedValues: true }) }),
  },
});

/** Writes all of them or none. @throws Error when a condition fails */
export async function transact(
  { dynamodb }: Pick<KeysTable, 'dynamodb'>,
  TransactItems: TransactItem[],
): Promise<void> {
  try {
    await dynamodb.send(new TransactWriteItemsCommand({ TransactItems }));
  } catch (cause) {
    if (!(cause instanceof TransactionCanceledException)) throw cause;
    throw new Error('Somebody else has changed these keys just now; nothing was changed: look again', {
      cause,
    });
  }
}
