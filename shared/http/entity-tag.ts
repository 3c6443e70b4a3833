/**
 * Entity tags, so that who asks again for what has not changed is answered with 304 and no body (RFC 9110, "ETag" and
 * "If-None-Match"; docs/decisions/entity-tags.md).
 */
import { canonicalJson, sha256 } from '../runtime/json.ts';
import type { HttpEvent, HttpResult } from './api.ts';

/** What a GET is answered with, unless its caller has it. */
export interface Tagged {
  readonly tag: string;
  /** Beside the tag and the content type: who may keep the answer, and for how long. */
  readonly headers: Readonly<Record<string, string>>;
  /** The JSON, made only if it is wanted. */
  readonly text: () => string;
}

/** 200 with the text, or 304 if `If-None-Match` names its tag. */
export function answerUnlessKnown(event: HttpEvent, { tag, headers, text }: Tagged): HttpResult {
  // A cache takes a 304's headers for those of what it keeps: the content type must be right there too.
  const all = { 'content-type': 'application/json', etag: tag, ...headers };
  return namesTag(event.headers['if-none-match'], tag)
    ? { statusCode: 304, headers: all }
    : { statusCode: 200, headers: all, body: text() };
}

/** It may be kept, by the caller alone, but not used again without asking. */
const privately = { 'cache-control': 'private, no-cache', vary: 'authorization' };

/** The answer to a GET for what is the caller's own. */
export const jsonUnlessKnown = (event: HttpEvent, value: unknown): HttpResult =>
  answerUnlessKnown(event, {
    tag: entityTag(value),
    headers: privately,
    text: () => JSON.stringify(value),
  });

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
export function namesTag(ifNoneMatch: string | undefined, tag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  if (ifNoneMatch.trim() === '*') return true;
  const named: readonly string[] = ifNoneMatch.match(opaqueTags) ?? [];
  return named.includes(tag.slice('W/'.length));
}
