/** Task ids: `task_` and 26 characters of Crockford base32. */
import { ulid } from 'ulid';
import { hmac } from '../security/signer.ts';

const crockford = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const taskId = /^task_[0-7][0-9A-HJKMNP-TV-Z]{25}$/;

export const isTaskId = (text: string): boolean => taskId.test(text);

/** An id that nobody had before, sortable by time. */
export function freshTaskId(now: number): string {
  return `task_${ulid(now)}`;
}

/**
 * The id of an owner's request with this `Idempotency-Key`, always the same: the record itself is the lock.
 * The key's bytes are signed as they are; the owner comes first and holds no line break.
 * @param secret one that never changes: with another one, every repeated request would be paid again
 */
export function taskIdForKey(secret: string, owner: string, idempotencyKey: string): string {
  return `task_${base32(hmac(secret, 'task-id', owner, idempotencyKey).subarray(0, 16))}`;
}

/** 128 bits as 26 characters, the way a ULID writes them. */
function base32(bytes: Buffer): string {
  let value = BigInt(`0x${bytes.toString('hex')}`);
  let text = '';
  for (let i = 0; i < 26; i++) {
    text = crockford[Number(value & 31n)] + text;
    value >>= 5n;
  }
  return text;
}
