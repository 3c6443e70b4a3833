/**
 * Cursors: a place in one owner's list under one set of filters, opaque to callers (docs/decisions/cursors.md).
 *
 *   base64url( {created_id of the last task shown} {check over owner, filters and place} )
 *
 * A task keeps its `created_id` for good, so whatever is written meanwhile, what lies behind a place stays the same. The
 * check is no secret: it finds mistakes. A cursor that somebody makes up leads nowhere but into the owner's own list.
 */
import { canonicalJson, sha256 } from '../../shared/runtime/json.ts';
import { isTaskId } from '../../shared/task/ids.ts';
import type { ListFilters } from './list-tasks.ts';

const form = /^((\d{15})#(task_\w{26})) [0-9a-f]{16}$/;

/** @param place the `created_id` of the last task shown */
export const cursorOf = (filters: ListFilters, place: string): string =>
  Buffer.from(`${place} ${checkOf(filters, place)}`).toString('base64url');

/** @returns the cursor's place; nothing when it is none, or that of another owner or of other filters */
export function placeOf(filters: ListFilters, cursor: string): string | undefined {
  const text = Buffer.from(cursor, 'base64url').toString();
  const [, place = '', moment, taskId = ''] = form.exec(text) ?? [];
  const isPlace = isTaskId(taskId) && isWithin(filters, Number(moment));
  return isPlace && cursorOf(filters, place) === cursor ? place : undefined;
}

/** DynamoDB refuses a place outside of what is asked for. */
const isWithin = (
  { createdAfter = 0, createdBefore = Number.POSITIVE_INFINITY }: ListFilters,
  moment: number,
): boolean => createdAfter <= moment && moment < createdBefore;

const checkOf = (
  { owner, status, model, metadata, createdAfter, createdBefore }: ListFilters,
  place: string,
): string =>
  sha256(canonicalJson({ owner, status, model, metadata, createdAfter, createdBefore, place })).slice(0, 16);
