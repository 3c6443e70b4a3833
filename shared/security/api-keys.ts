/** API keys: looked up by their SHA-256, so that the table never holds a key. */
import { type DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { sha256 } from '../runtime/json.ts';
import { isWellFormedKey } from './key-format.ts';

/** What one key may do; a limit that is not there is none. */
export interface KeyLimits {
  readonly requests_per_minute?: number;
  /** Images of tasks that have not ended. */
  readonly images_at_once?: number;
  /** The names of the models that it may ask. */
  readonly models?: readonly string[];
}

/** Who asks. */
export interface Caller {
  readonly owner: string;
  readonly keyId: string;
  readonly limits?: KeyLimits;
  /** Whether the owner has a budget, which then has to be read. */
  readonly budgeted?: true;
}

/** A row of the keys table. */
export interface ApiKeyRow {
  readonly key_hash: string;
  /** Of a key and of its successors. */
  readonly key_id: string;
  readonly owner: string;
  /** Seconds since 1970. */
  readonly created?: number;
  readonly disabled?: boolean;
  /** Seconds since 1970, from when on a successor alone is accepted. */
  readonly expires_at?: number;
  readonly limits?: KeyLimits;
  readonly budgeted?: true;
}

/** Why a request has no caller. For the log: the request is answered the same, whichever it is. */
export interface KeyRefused {
  readonly kind: 'refused';
  readonly reason: 'no key' | 'malformed key' | 'unknown key' | 'disabled key' | 'expired key';
  /** Where the key is known. */
  readonly keyId?: string;
}

export type FoundCaller = { readonly kind: 'caller'; readonly caller: Caller } | KeyRefused;

/** From the header `Authorization`. */
export type FindCaller = (authorization: string | undefined) => Promise<FoundCaller>;

/** An owner's name goes into S3 keys and signatures: of these only, and no `.` or `..`, which paths resolve away. */
export const ownerPattern = /^(?!\.{1,2}$)[A-Za-z0-9._-]{1,64}$/;

const bearer = /^Bearer +(\S.*)$/i;

const MINUTE = 60_000;
const MOST_REMEMBERED = 1000;

/**
 * @param now milliseconds since 1970
 * @returns what finds callers. One that was found is remembered for a minute, but not beyond the key's end; a refusal never is.
 */
export function callerFinder(client: DynamoDBClient, table: string, now: () => number): FindCaller {
  const known = new Map<string, { caller: Caller; until: number }>();
  return async (authorization) => {
    const key = bearer.exec(authorization ?? '')?.[1];
    if (!key) return { kind: 'refused', reason: 'no key' };
    // Known without the table: whatever is made up costs no read.
    if (!isWellFormedKey(key)) return { kind: 'refused', reason: 'malformed key' };
    const hash = sha256(key);
    const remembered = known.get(hash);
    if (remembered && now() < remembered.until) return { kind: 'caller', caller: remembered.caller };

    const row = await readRow(client, table, hash);
    const found = callerOf(row, now());
    known.delete(hash);
    if (known.size >= MOST_REMEMBERED) known.clear();
    if (found.kind === 'caller') {
      known.set(hash, { caller: found.caller, until: Math.min(now() + MINUTE, endOf(row)) });
    }
    return found;
  };
}

async function readRow(client: DynamoDBClient, table: string, hash: string): Promise<ApiKeyRow | undefined> {
  const { Item } = await client.send(
    new GetItemCommand({ TableName: table, Key: marshall({ key_hash: hash }), ConsistentRead: true }),
  );
  return Item && (unmarshall(Item) as ApiKeyRow);
}

function callerOf(row: ApiKeyRow | undefined, now: number): FoundCaller {
  if (!row) return { kind: 'refused', reason: 'unknown key' };
  const { key_id: keyId, owner, limits, budgeted } = row;
  if (row.disabled) return { kind: 'refused', reason: 'disabled key', keyId };
  if (now >= endOf(row)) return { kind: 'refused', reason: 'expired key', keyId };
  return {
    kind: 'caller',
    caller: { owner, keyId, ...(limits && { limits }), ...(budgeted && { budgeted }) },
  };
}

/** Milliseconds since 1970. */
const endOf = (row: ApiKeyRow | undefined): number => (row?.expires_at ?? Number.POSITIVE_INFINITY) * 1000;
