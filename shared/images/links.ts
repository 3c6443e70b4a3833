/**
 * Links to images: `/v1/images/{taskId}/{index}/{signature}`, where the signature holds the expiry and proves it.
 *
 * Not presigned S3 URLs: signed with a function's role, they die with the role's session, hours early
 * (docs/decisions/image-links.md).
 */
import type { Signer } from '../security/signer.ts';
import type { LinkTo } from '../task/public-task.ts';

const DAY = 86_400;

export interface LinkSettings {
  readonly publicUrl: string;
  /** Days that a link works at least. */
  readonly days: number;
}

/**
 * Expiries end with a whole day, so that the same task reads the same for a day, in the API and in its events.
 * @param now milliseconds since 1970
 */
export function imageLinks(signer: Signer, { publicUrl, days }: LinkSettings, now: number): LinkTo {
  const expires = (Math.ceil(now / 1000 / DAY) + days) * DAY;
  return (taskId, index) =>
    `${publicUrl}/v1/images/${taskId}/${index}/${signer.imageLink(taskId, index, expires)}`;
}
