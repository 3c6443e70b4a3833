/**
 * A new signing key takes the place of the present one, which takes that of the one before it.
 *
 *   before          2 signs        1 accepted
 *   rotation        3 accepted     2 signs       1 dropped
 *   10 min later    3 signs        2 accepted
 */
import type { SigningKey, SigningKeys } from '../../shared/security/signing-keys.ts';

const MINUTE = 60;
const DAY = 86_400;

/** Twice as long as a function remembers a secret (shared/security/secrets.ts). */
const SIGNS_AFTER = 10 * MINUTE;
/** What a dropped key signed is forged: a callback URL may be called for a day, its message lie queued for four more. */
const ACCEPTED_FOR = 5 * DAY;

/** When the key before the newest may be dropped without loss; seconds since 1970. Nothing: there is none. */
export function droppableFrom([newest, previous]: SigningKeys): number | undefined {
  return previous && newest && newest.signsFrom + ACCEPTED_FOR;
}

/**
 * @param secret of the new key
 * @param now seconds since 1970
 * @returns the new key and the one that signs now
 */
export function rotate(
  [newest]: SigningKeys,
  secret: string,
  now: number,
): readonly [SigningKey, SigningKey] {
  const next = { id: String(Number(newest!.id) + 1), secret, signsFrom: now + SIGNS_AFTER };
  return [next, newest!];
}
