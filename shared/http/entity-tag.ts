/**
 * Entity tags, so that who asks again for what has not changed is answered with 304 and no body (RFC 9110, "ETag" and
 * "If-None-Match"; docs/decisions/entity-tags.md).
 */
import { canonicalJson, sha256 } from '../runtime/json.ts';
import { type HttpEvent, type HttpResult, json } from './api.ts';

/**
 * The answer to a GET: 200 with the value and its entity tag, or 304 if the caller has it already. It may be kept, by the
 * caller alone, but not used again without asking.
 */
export function jsonUnlessKnown({ headers }: HttpEvent, value: unknown): HttpResult {
  const tag = entityTag(value);
  const validators = { etag: tag, 'cache-control': 'private, no-cache', vary: 'authorization' };
  if (!names(headers['if-none-match'], tag)) return json(200, value, validators);
  // A cache takes a 304's headers for those of what it keeps: the content type must be right here too.
  return { statusCode: 304, headers: { 'content-type': 'application/json', ...validators } };
}

/**
 * A weak tag: the same for the same JSON value, whatever the order of its keys, which DynamoDB does not promise.
 */
export const entityTag = (value: unknown): string =>
  `W/"${Buffer.from(sha256(canonicalJson(value)), 'hex').toString('base64url', 0, TAG_BYTES)}"`;

/** Half of a SHA-256: no two answers that a caller will ever see share it. */
const TAG_BYTES = 16;

/** The opaque parts of a list of entity tags; what is none is passed over. */
const opaqueTags = /"[\x21\x23-\x7e\x80-\xff]*"/g;

/** Whether an `If-None-Match` names the tag, compared weakly as for every GET. */
function names(ifNoneMatch: string | undefined, tag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  if (ifNoneMatch.trim() === '*') return true;
  const named: readonly string[] = ifNoneMatch.match(opaqueTags) ?? [];
  return named.includes(tag.slice('W/'.length));
}
