/**
 * Links to images, where the signature holds the expiry and proves it:
 *
 *   /v1/images/{taskId}/{index}/{signature}   a result, for the caller
 *   /v1/inputs/{taskId}/{index}/{signature}   an input that came inside the request, for the provider
 *
 * Not presigned S3 URLs: signed with a function's role, they die with the role's session, hours early
 * (docs/decisions/image-links.md).
 */
import type { Signer } from '../security/signer.ts';
import type { LinkTo } from '../task/public-task.ts';

const DAY = 86_400;

/** A provider forgets a task 24 hours after its create; until then it may fetch an input again. */
const INPUT_LINK_SECONDS = DAY + 3600;

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

/**
 * @param now milliseconds since 1970
 */
export function inputLink(signer: Signer, publicUrl: string, taskId: string, index: number, now: number) {
  const expires = Math.ceil(now / 1000) + INPUT_LINK_SECONDS;
  return `${publicUrl}/v1/inputs/${taskId}/${index}/${signer.inputLink(taskId, index, expires)}`;
}

/** Where an input that came inside a request is kept; the link names nothing else. */
export const inputKey = (taskId: string, index: string | number): string => `inputs/${taskId}/${index}`;
