/** API keys: looked up by their SHA-256, so that the table never holds a key. */
import { type DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { sha256 } from '../runtime/json.ts';

/** Who asks. */
export interface Caller {
  readonly owner: string;
  readonly keyId: string;
}

/** A row of the keys table. */
export interface ApiKeyRow {
  readonly key_hash: string;
  readonly key_id: string;
  readonly owner: string;
  readonly disabled?: boolean;
}

/** An owner's name goes into S3 keys and signatures: of these only, and no `.` or `..`, which paths resolve away. */
export const ownerPattern = /^(?!\.{1,2}$)[A-Za-z0-9._-]{1,64}$/;

/** Visible ASCII, as a header can carry it. */
const bearer = /^Bearer +([\x21-\x7e]{1,512})$/i;

const MINUTE = 60_000;
const MOST_REMEMBERED = 1000;

/**
 * @returns a function from the `Authorization` header to the caller, or nothing when the header is missing or
 *   malformed, or the key unknown or disabled. What was found is remembered for a minute; a no never is.
 */
export function callerFinder(client: DynamoDBClient, table: string, now: () => number) {
  const known = new Map<string, { caller: Caller; until: number }>();
  return async (authorization: string | undefined): Promise<Caller | undefined> => {
    const key = bearer.exec(authorization ?? '')?.[1];
    if (!key) return undefined;
    const hash = sha256(key);
    const remembered = known.get(hash);
    if (remembered && now() < remembered.until) return remembered.caller;

    const caller = await lookUp(client, table, hash);
    known.delete(hash);
    if (known.size >= MOST_REMEMBERED) known.clear();
    if (caller) known.set(hash, { caller, until: now() + MINUTE });
    return caller;
  };
}

async function lookUp(client: DynamoDBClient, table: string, hash: string): Promise<Caller | undefined> {
  const { Item } = await client.send(
    new GetItemCommand({ TableName: table, Key: marshall({ key_hash: hash }), ConsistentRead: true }),
  );
  const row = Item && (unmarshall(Item) as ApiKeyRow);
  return row && !row.disabled ? { owner: row.owner, keyId: row.key_id } : undefined;
}
