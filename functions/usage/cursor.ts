/**
 * Cursors: a place in one owner's usage under one set of parameters, opaque to callers (docs/decisions/cursors.md).
 *
 *   base64url( {check over owner, parameters and place} {entry of the last row shown} )
 */
import { canonicalJson, sha256 } from '../../shared/runtime/json.ts';
import type { UsageRange } from './read-usage.ts';

export const cursorOf = (range: UsageRange, place: string): string =>
  Buffer.from(`${checkOf(range, place)} ${place}`).toString('base64url');

/** @returns the cursor's place; nothing when it is none, or that of another owner or of other parameters */
export function placeOf(range: UsageRange, cursor: string): string | undefined {
  const [, place = ''] = /^[0-9a-f]{16} (.+)$/s.exec(Buffer.from(cursor, 'base64url').toString()) ?? [];
  return place !== '' && cursorOf(range, place) === cursor ? place : undefined;
}

const checkOf = ({ owner, from, to, grouping }: UsageRange, place: string): string =>
  sha256(canonicalJson({ owner, from, to, grouping, place })).slice(0, 16);
