/**
 * Cursors: a place in one owner's usage under one set of parameters, opaque to callers (docs/decisions/cursors.md).
 *
 *   base64url( {check over owner, parameters and place} {entry of the last row shown} )
 *
 * The check is no secret: it finds mistakes. A cursor that somebody makes up leads nowhere but into the owner's own usage.
 */
import { canonicalJson, sha256 } from '../../shared/runtime/json.ts';
import { readEntry } from '../../shared/usage/ledger-rows.ts';
import type { UsageRange } from './read-usage.ts';

export const cursorOf = (range: UsageRange, place: string): string =>
  Buffer.from(`${checkOf(range, place)} ${place}`).toString('base64url');

/** @returns the cursor's place; nothing when it is none, or that of another owner or of other parameters */
export function placeOf(range: UsageRange, cursor: string): string | undefined {
  const [, place = ''] = /^[0-9a-f]{16} (.+)$/s.exec(Buffer.from(cursor, 'base64url').toString()) ?? [];
  return isWithin(range, place) && cursorOf(range, place) === cursor ? place : undefined;
}

/** DynamoDB refuses a place outside of what is asked for. */
function isWithin({ from, to, grouping }: UsageRange, place: string): boolean {
  const entry = readEntry(place);
  const name = grouping.kind === 'metadata' ? grouping.name : undefined;
  return entry !== undefined && entry.metadata?.name === name && from <= entry.day && entry.day <= to;
}

const checkOf = ({ owner, from, to, grouping }: UsageRange, place: string): string =>
  sha256(canonicalJson({ owner, from, to, grouping, place })).slice(0, 16);
