/**
 * Signatures that only this deployment can make: in callback URLs, in image links, and on our own messages.
 *
 * A signature names the key that made it, so that two keys are accepted while one takes the place of the other:
 *
 *   key 1  signs ────────────────────┤ accepted until the next rotation
 *   key 2             ├─ accepted ───┤ signs ─────────────────────────►
 *               rotation         10 minutes later: every function has read the secret again by then
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { sha256 } from '../runtime/json.ts';
import type { SigningKey, SigningKeys } from './signing-keys.ts';

export interface Signer {
  /** The signature in a task's callback URL. */
  callback(taskId: string): string;
  verifyCallback(taskId: string, signature: string): boolean;
  /** The signature in an image's link. @param expires seconds since 1970; the link is good until then */
  imageLink(taskId: string, index: number, expires: number): string;
  /** Whether the link is ours, for this very image, and has not expired. @param index as it stands in the link */
  verifyImageLink(taskId: string, index: string, signature: string): boolean;
  /** The same for an input image, which a provider fetches. */
  inputLink(taskId: string, index: number, expires: number): string;
  verifyInputLink(taskId: string, index: string, signature: string): boolean;
  /** The signature on a message that we put into a queue ourselves. @param kind what the message is */
  message(kind: string, taskId: string, body: string): string;
  verifyMessage(kind: string, taskId: string, body: string, signature: string): boolean;
}

/** What is signed; a signature for one use is worthless for another. */
type Use = 'callback' | LinkUse | 'message';
type LinkUse = 'image-link' | 'input-link';

/** `{expires, base 36}-{key id}-{HMAC}` */
const linkSignature = /^([0-9a-z]{1,11})-(.+)$/;

/** @param now milliseconds since 1970 */
export function signer(keys: SigningKeys, now: () => number): Signer {
  const sign = (use: Use, ...fields: string[]) => signatureBy(signingKey(keys, now()), use, fields);
  const verify = (signature: string, use: Use, ...fields: string[]) => {
    const key = keys.find(({ id }) => signature.startsWith(`${id}-`));
    return key !== undefined && sameText(signatureBy(key, use, fields), signature);
  };
  const signLink = (use: LinkUse, taskId: string, index: number, expires: number) =>
    `${expires.toString(36)}-${sign(use, taskId, String(index), String(expires))}`;
  const verifyLink = (use: LinkUse, taskId: string, index: string, given: string) => {
    const [, until = '', signature = ''] = linkSignature.exec(given) ?? [];
    const expires = Number.parseInt(until, 36);
    // One spelling of a number only: the expiry is signed as a number, not as it was spelt.
    if (expires.toString(36) !== until || now() / 1000 >= expires) return false;
    return verify(signature, use, taskId, index, String(expires));
  };
  return {
    callback: (taskId) => sign('callback', taskId),
    verifyCallback: (taskId, signature) => verify(signature, 'callback', taskId),
    imageLink: (taskId, index, expires) => signLink('image-link', taskId, index, expires),
    verifyImageLink: (taskId, index, signature) => verifyLink('image-link', taskId, index, signature),
    inputLink: (taskId, index, expires) => signLink('input-link', taskId, index, expires),
    verifyInputLink: (taskId, index, signature) => verifyLink('input-link', taskId, index, signature),
    message: (kind, taskId, body) => sign('message', kind, taskId, sha256(body)),
    verifyMessage: (kind, taskId, body, signature) =>
      verify(signature, 'message', kind, taskId, sha256(body)),
  };
}

/** The newest key that signs already. */
const signingKey = (keys: SigningKeys, now: number): SigningKey =>
  keys.find(({ signsFrom }) => signsFrom <= now / 1000) ?? keys.at(-1)!;

const signatureBy = ({ id, secret }: SigningKey, use: Use, fields: readonly string[]): string =>
  `${id}-${hmac(secret, use, ...fields).toString('base64url')}`;

/** HMAC-SHA256 over the use and the fields, in order; the separator occurs in no id, number or owner's name. */
export function hmac(secret: string, use: string, ...fields: readonly string[]): Buffer {
  return createHmac('sha256', secret)
    .update([use, ...fields].join('\n'))
    .digest();
}

/** Constant time in the content; only the length may show. */
function sameText(expected: string, given: string): boolean {
  const left = Buffer.from(expected);
  const right = Buffer.from(given);
  return left.length === right.length && timingSafeEqual(left, right);
}
