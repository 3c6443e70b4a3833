/** What `GET /v1/tasks` may be asked: `status`, `model`, `limit`, `cursor`. */
import { invalid } from '../../shared/http/problem.ts';
import { modelNames } from '../../shared/providers/definitions.ts';
import type { ListQuery } from './list-tasks.ts';

const DEFAULT_LIMIT = 20;
const MAX_LIMIT = 100;
const statuses = ['pending', 'processing', 'completed', 'failed'];
const known = new Set(['status', 'model', 'limit', 'cursor']);
const createdId = /^\d{15}#task_[0-9A-Z]{26}$/;

/** @throws Problem 400 naming the parameter and what is allowed */
export function listQuery(owner: string, given: Readonly<Record<string, string | undefined>>): ListQuery {
  const unknown = Object.keys(given).find((name) => !known.has(name));
  if (unknown) throw invalid(unknown, `${unknown} is not a parameter; allowed are ${[...known].join(', ')}`);
  return {
    owner,
    status: oneOf('status', given.status, statuses),
    model: oneOf('model', given.model, modelNames),
    limit: limitOf(given.limit),
    after: given.cursor === undefined ? undefined : readCursor(given.cursor),
  };
}

/** A cursor is only a place in the owner's own list: a made-up one leads nowhere else. */
export const cursorOf = (place: string): string => Buffer.from(place).toString('base64url');

function readCursor(cursor: string): string {
  const place = Buffer.from(cursor, 'base64url').toString();
  if (!createdId.test(place)) throw invalid('cursor', 'cursor must be the next_cursor of an earlier answer');
  return place;
}

function oneOf(name: string, value: string | undefined, allowed: readonly string[]): string | undefined {
  if (value === undefined || allowed.includes(value)) return value;
  throw invalid(name, `${name} must be one of ${allowed.join(', ')}`);
}

function limitOf(value: string | undefined): number {
  if (value === undefined) return DEFAULT_LIMIT;
  const limit = /^\d{1,3}$/.test(value) ? Number(value) : 0;
  if (limit < 1 || limit > MAX_LIMIT)
    throw invalid('limit', `limit must be an integer from 1 to ${MAX_LIMIT}`);
  return limit;
}
