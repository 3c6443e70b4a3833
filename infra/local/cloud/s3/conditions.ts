/** The conditions of a GET or HEAD, in the order of RFC 9110, section 13.2.2. */
import type { IncomingHttpHeaders } from 'node:http';
import type { StoredObject } from './object-index.ts';
import { preconditionFailed } from './s3-error.ts';

/**
 * @returns whether the caller's own copy is still the object, so that 304 is to be answered
 * @throws AwsError PreconditionFailed
 */
export function isNotModified(headers: IncomingHttpHeaders, { etag, modifiedAt }: StoredObject): boolean {
  const ifMatch = headers['if-match'];
  const unmodifiedSince = headers['if-unmodified-since'];
  if (ifMatch !== undefined) {
    if (!matches(ifMatch, etag)) throw preconditionFailed();
  } else if (unmodifiedSince !== undefined && isLater(modifiedAt, unmodifiedSince)) {
    throw preconditionFailed();
  }
  const ifNoneMatch = headers['if-none-match'];
  if (ifNoneMatch !== undefined) return matches(ifNoneMatch, etag);
  const modifiedSince = headers['if-modified-since'];
  return modifiedSince !== undefined && !isLater(modifiedAt, modifiedSince);
}

function matches(list: string, etag: string): boolean {
  const bare = (tag: string): string => tag.trim().replace(/^W\//, '').replaceAll('"', '');
  return list.split(',').some((tag) => bare(tag) === '*' || bare(tag) === bare(etag));
}

/** HTTP dates are whole seconds; what is no date changes nothing. */
function isLater(modifiedAt: number, date: string): boolean {
  const limit = Date.parse(date);
  return !Number.isNaN(limit) && Math.floor(modifiedAt / 1000) * 1000 > limit;
}
