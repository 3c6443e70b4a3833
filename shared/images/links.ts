/**
 * Links to images: `/v1/images/{taskId}/{index}/{signature}`, where the signature holds the expiry and proves it.
 *
 * Not presigned S3 URLs: signed with a function's role, they die with the role's session, hours early (docs/decisions/image-links.md).
 */
import { hmac, sameText } from '../security/signatures.ts';

const DAY = 86_400;

export interface LinkMaker {
  readonly rootSecret: string;
  readonly publicUrl: string;
  readonly days: number;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** Expiries end with a whole day, so that the same task reads the same for a day, in the API and in its events. */
export function imageLink(maker: LinkMaker, taskId: string, index: number): string {
  const expires = (Math.ceil(maker.now / 1000 / DAY) + maker.days) * DAY;
  return `${maker.publicUrl}/v1/images/${taskId}/${index}/${sign(maker.rootSecret, taskId, String(index), expires)}`;
}

/** Whether a link's signature is ours, for this image, and still good. */
export function mayOpen(
  rootSecret: string,
  taskId: string,
  index: string,
  signature: string,
  now: number,
): boolean {
  const expires = Number.parseInt(signature.split('-')[0] ?? '', 36);
  if (!Number.isSafeInteger(expires)) return false;
  return sameText(sign(rootSecret, taskId, index, expires), signature) && now / 1000 < expires;
}

function sign(rootSecret: string, taskId: string, index: string, expires: number): string {
  const proof = hmac(rootSecret, 'image-link', taskId, index, String(expires)).toString('base64url');
  return `${expires.toString(36)}-${proof}`;
}
