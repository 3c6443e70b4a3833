/** Signatures that only this deployment can make: in callback URLs, in image links, on messages, and behind task ids. */
import { createHmac, timingSafeEqual } from 'node:crypto';

/** One secret, many uses: a signature made for one use is worthless for another. */
type Use = 'callback' | 'image-link' | 'message' | 'task-id';

/** HMAC-SHA256 over the parts, in order; the separator cannot occur in ids, numbers or owners' names. */
export function hmac(rootSecret: string, use: Use, ...parts: readonly string[]): Buffer {
  return createHmac('sha256', rootSecret)
    .update([use, ...parts].join('\n'))
    .digest();
}

/** The signature in a task's callback URL. */
export function callbackSignature(rootSecret: string, taskId: string): string {
  return hmac(rootSecret, 'callback', taskId).toString('base64url');
}

/** Compares in constant time, whatever was given. */
export function isCallbackSignature(rootSecret: string, taskId: string, given: string): boolean {
  return sameText(callbackSignature(rootSecret, taskId), given);
}

/** Constant time in the content; only the length may show. */
export function sameText(expected: string, given: string): boolean {
  const left = Buffer.from(expected);
  const right = Buffer.from(given);
  return left.length === right.length && timingSafeEqual(left, right);
}
