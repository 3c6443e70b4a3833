/** The secret that holds the signing keys: the newest, and the one before it while that is still accepted. */

export interface SigningKey {
  /** Stands in every signature that the key made: `1`, `2` and so on. */
  readonly id: string;
  readonly secret: string;
  /** Seconds since 1970; until then the key is accepted but does not sign. */
  readonly signsFrom: number;
}

/** Newest first, at least one. */
export type SigningKeys = readonly SigningKey[];

/** As JSON in Secrets Manager; a deployment's first key is generated there and has neither time nor predecessor. */
interface StoredKey {
  readonly id: string;
  readonly secret: string;
  readonly signs_from?: number | undefined;
  readonly previous?: unknown;
}

const keyId = /^[1-9]\d{0,8}$/;
const SHORTEST_SECRET = 32;

/**
 * @param text `{"id","secret","signs_from"?,"previous"?: {…}}`
 * @throws Error when the text does not hold a key; it never quotes the text
 */
export function readSigningKeys(text: string): SigningKeys {
  const keys: SigningKey[] = [];
  let stored = parsed(text);
  do {
    if (!isKey(stored)) throw new Error(WRONG);
    keys.push({ id: stored.id, secret: stored.secret, signsFrom: stored.signs_from ?? 0 });
    stored = stored.previous;
  } while (stored !== undefined);
  return keys;
}

/** The string of the secret that holds these keys; the other direction of {@link readSigningKeys}. */
export const writeSigningKeys = (keys: SigningKeys): string => JSON.stringify(storedKey(keys));

function storedKey([newest, ...older]: SigningKeys): StoredKey | undefined {
  if (!newest) return undefined;
  return { id: newest.id, secret: newest.secret, signs_from: newest.signsFrom, previous: storedKey(older) };
}

const WRONG = `The secret with the signing keys must hold {"id","secret"}, the secret with at least ${SHORTEST_SECRET} characters`;

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error(WRONG);
  }
}

function isKey(value: unknown): value is StoredKey {
  const { id, secret, signs_from: from = 0 } = (value ?? {}) as Partial<StoredKey>;
  return (
    typeof id === 'string' &&
    keyId.test(id) &&
    typeof secret === 'string' &&
    secret.length >= SHORTEST_SECRET &&
    Number.isSafeInteger(from)
  );
}
